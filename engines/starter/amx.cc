// Products in bfloat16 with float32 sums by AMX tiles, called from XLA. XLA's own are slow when a
// factor has to be turned. Built and registered by amx.py; without AMX nothing of this is used.

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "xla/ffi/api/ffi.h"

namespace ffi = xla::ffi;

namespace {

struct __attribute__((packed)) TileConfig {
  uint8_t palette, start_row;
  uint8_t reserved[14];
  uint16_t columns[16];
  uint8_t rows[16];
};

void configure() {
  // Asks the kernel for the tiles' state: ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA.
  static const long granted = syscall(SYS_arch_prctl, 0x1023, 18);
  (void)granted;
  TileConfig config;
  memset(&config, 0, sizeof config);
  config.palette = 1;
  for (int i = 0; i < 8; i++) {
    config.columns[i] = 64;
    config.rows[i] = 16;
  }
  _tile_loadconfig(&config);
}

// Grows, is never given back.
struct Room {
  uint16_t* data = nullptr;
  size_t size = 0;
  uint16_t* of(size_t wanted) {
    if (wanted > size) {
      free(data);
      size = wanted + wanted / 4;
      data = static_cast<uint16_t*>(aligned_alloc(64, (size * 2 + 63) / 64 * 64));
    }
    return data;
  }
};

thread_local Room room_a, room_b;

// Two rows of 16 as 16 pairs (low half: the first).
inline __m512i pairs(const float* first, const float* second) {
  __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(first)));
  __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(second)));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

// 32 numbers of a row as 32 halves.
inline __m512i halves(const float* row) {
  return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(row + 16), _mm512_loadu_ps(row));
}

inline void turn(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
    t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
    t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
    t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88);
    r[8 + i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd);
    r[4 + i] = _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0x88);
    r[12 + i] = _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0xdd);
  }
}

constexpr int64_t kTile = 512;

// Tiles of 16 lines by 32 numbers that are summed over: tile (line / 16, number / 32), each contiguous.
// `along`: the summed numbers are contiguous in memory; else the lines are. `paired`: the tile is a right factor's.
void pack(uint16_t* out, const float* in, int64_t line, int64_t lines, int64_t summed, bool along, bool paired) {
  for (int64_t at = 0; at < summed; at += 32) {
    __m512i r[16];
    if (along) {
      for (int i = 0; i < 16; i++) r[i] = halves(in + (line + i) * summed + at);
    } else {
      for (int i = 0; i < 16; i++) r[i] = pairs(in + (at + 2 * i) * lines + line, in + (at + 2 * i + 1) * lines + line);
    }
    if (along == paired) turn(r);
    uint16_t* tile = out + ((line / 16) * (summed / 32) + at / 32) * kTile;
    for (int i = 0; i < 16; i++) _mm512_store_si512(tile + 32 * i, r[i]);
  }
}

// Tiles that are summed before the next block of the result: their factors stay in the nearest cache.
constexpr int64_t kStretch = 16;

// 32 lines of the result from line `i` on.
void multiply(float* out, const uint16_t* a, const uint16_t* b, int64_t i, int64_t n, int64_t k) {
  const int64_t steps = k / 32;
  const uint16_t* a0 = a + (i / 16) * steps * kTile;
  const uint16_t* a1 = a0 + steps * kTile;
  for (int64_t from = 0; from < steps; from += kStretch) {
    const int64_t to = from + kStretch < steps ? from + kStretch : steps;
    for (int64_t j = 0; j < n; j += 32) {
      const uint16_t* b0 = b + (j / 16) * steps * kTile;
      const uint16_t* b1 = b0 + steps * kTile;
      float* c = out + i * n + j;
      if (from == 0) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
      } else {
        _tile_loadd(0, c, n * 4);
        _tile_loadd(1, c + 16, n * 4);
        _tile_loadd(2, c + 16 * n, n * 4);
        _tile_loadd(3, c + 16 * n + 16, n * 4);
      }
      for (int64_t s = from; s < to; s++) {
        _tile_loadd(4, a0 + s * kTile, 64);
        _tile_loadd(6, b0 + s * kTile, 64);
        _tile_loadd(5, a1 + s * kTile, 64);
        _tile_loadd(7, b1 + s * kTile, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      }
      _tile_stored(0, c, n * 4);
      _tile_stored(1, c + 16, n * 4);
      _tile_stored(2, c + 16 * n, n * 4);
      _tile_stored(3, c + 16 * n + 16, n * 4);
    }
  }
}

// turned: 0: a (m, k), b (k, n); 1: b (n, k); 2: a (k, m), b (k, n). A leading axis, if any, counts products.
// Each number of the result is summed by one thread in one order: the same to the bit with any number of them.
ffi::Error Product(ffi::Buffer<ffi::F32> a, ffi::Buffer<ffi::F32> b, ffi::ResultBuffer<ffi::F32> result, int64_t turned) {
  const auto da = a.dimensions(), dout = result->dimensions();
  const size_t last = dout.size() - 1;
  const int64_t m = dout[last - 1], n = dout[last];
  const int64_t k = turned == 2 ? da[last - 1] : da[last];
  const int64_t count = last == 2 ? dout[0] : 1;
  const float *left = a.typed_data(), *right = b.typed_data();
  float* out = result->typed_data();
  const bool along_a = turned != 2, along_b = turned == 1;
  uint16_t* shared_a = count == 1 ? room_a.of(m * k) : nullptr;
  uint16_t* shared_b = count == 1 ? room_b.of(k * n) : nullptr;
#pragma omp parallel
  {
    configure();
    if (count == 1) {
#pragma omp for nowait
      for (int64_t line = 0; line < m; line += 16) pack(shared_a, left, line, m, k, along_a, false);
#pragma omp for
      for (int64_t line = 0; line < n; line += 16) pack(shared_b, right, line, n, k, along_b, true);
#pragma omp for
      for (int64_t line = 0; line < m; line += 32) multiply(out, shared_a, shared_b, line, n, k);
    } else {
      uint16_t* own_a = room_a.of(m * k);
      uint16_t* own_b = room_b.of(k * n);
#pragma omp for
      for (int64_t i = 0; i < count; i++) {
        for (int64_t line = 0; line < m; line += 16) pack(own_a, left + i * m * k, line, m, k, along_a, false);
        for (int64_t line = 0; line < n; line += 16) pack(own_b, right + i * k * n, line, n, k, along_b, true);
        for (int64_t line = 0; line < m; line += 32) multiply(out + i * m * n, own_a, own_b, line, n, k);
      }
    }
    _tile_release();
  }
  return ffi::Error::Success();
}

}  // namespace

XLA_FFI_DEFINE_HANDLER_SYMBOL(HearthgateProduct, Product,
                              ffi::Ffi::Bind()
                                  .Arg<ffi::Buffer<ffi::F32>>()
                                  .Arg<ffi::Buffer<ffi::F32>>()
                                  .Ret<ffi::Buffer<ffi::F32>>()
                                  .Attr<int64_t>("turned"));
