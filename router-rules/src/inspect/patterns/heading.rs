//! What a line says of the whole text that it heads: that it is between a lawyer and a client, or that a source file
//! is a firm's own.
//!
//! The words alone prove nothing ("what does attorney-client privilege mean?"): they count where they head a line, in
//! no question, and for source where that line is a comment.

use super::Leads;
use crate::inspect::cursor::{goes_on, run, run_back, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::hits::{PRIVILEGED, SOURCE_HEADER};
use crate::inspect::scan::Scan;

/// Headings of privileged letters; those of the second list must be the whole of their line. Sentences of counsel
/// count anywhere.
pub(super) const LEADS: &Leads = &[
    (
        &[PRIVILEGED],
        Topic::Privilege,
        "privileged and confidential, privileged & confidential, confidential and privileged, confidential & privileged, \
         attorney client privileged, attorney client communication, lawyer client privileged, solicitor client privileged, \
         privileged attorney client, privileged legal advice, prepared in anticipation of litigation, \
         prepared at the request of counsel, prepared at the direction of counsel, \
         anwaltskorrespondenz, vertrauliche anwaltskorrespondenz, verteidigerpost, anwaltlich vertraulich, \
         correspondance avocat client, confidentiel avocat client, couvert par le secret professionnel, \
         confidencial y privilegiado, confidencial abogado cliente, sujeto a secreto profesional, \
         confidencial e privilegiado, confidencial advogado cliente, sujeito a sigilo profissional, \
         riservato e privilegiato, corrispondenza avvocato cliente, coperto da segreto professionale, \
         vertrouwelijk en geprivilegieerd, vertrouwelijk advocaat cliënt, valt onder het verschoningsrecht, \
         objęte tajemnicą adwokacką, poufne tajemnica adwokacka, chronione tajemnicą adwokacką, \
         avukat müvekkil gizliliği kapsamında, gizli avukat müvekkil, \
         составляет адвокатскую тайну, адвокатская тайна конфиденциально, 律师客户特权文件, 律师与客户保密通信, \
         弁護士依頼者間秘匿特権対象, 弁護士秘匿特権対象, 변호사 의뢰인 특권 문서+, 변호인 의뢰인 비밀+, \
         خاضع لسرية المحامي وموكله, مراسلات سرية بين المحامي وموكله, वकील मुवक्किल गोपनीय, वकील मुवक्किल विशेषाधिकार प्राप्त",
    ),
    (
        &[PRIVILEGED],
        Topic::PrivilegeAlone,
        "attorney work product, attorney client privilege, legal professional privilege, legally privileged, \
         without prejudice, privileged, anwaltsgeheimnis, secret professionnel, secreto profesional, sigilo profissional, \
         segreto professionale, verschoningsrecht, tajemnica adwokacka, avukat müvekkil gizliliği, адвокатская тайна, \
         سرية المحامي والموكل, वकील मुवक्किल विशेषाधिकार",
    ),
    (
        &[PRIVILEGED],
        Topic::Counsel,
        "this email is privileged, this letter is privileged, this memo is privileged, this communication is privileged, \
         this document is privileged, as your attorney i, as your attorney we, as your lawyer i, as your counsel we, \
         as your solicitors we, our attorney advised us, our attorneys advise us, our counsel advised us, \
         our counsel advises us, my attorney advised me, my lawyer advised me, our lawyers advised us, \
         als ihr anwalt rate, als ihre anwälte raten, unser anwalt rät uns, unsere anwälte raten uns, mein anwalt rät mir, \
         notre avocat nous conseille, mon avocat me conseille, en tant que votre avocat, nuestro abogado nos aconseja, \
         mi abogado me aconseja, como su abogado le, nosso advogado nos aconselhou, como seu advogado, \
         il nostro avvocato ci consiglia, il mio avvocato mi consiglia, come suo avvocato, onze advocaat adviseert ons, \
         mijn advocaat adviseert mij, als uw advocaat, nasz adwokat radzi nam, mój adwokat radzi mi, \
         jako pana pełnomocnik, avukatımız bize, avukatınız olarak, наш адвокат советует нам, мой адвокат советует мне, \
         как ваш адвокат, 我们的律师建议我们, 作为您的律师, 弊所は弁護士として, 顧問弁護士から助言, 저희 변호사가 조언+, \
         귀하의 변호인으로서, نصحنا محامينا, بصفتي محاميكم, हमारे वकील ने हमें सलाह, आपके वकील के रूप में",
    ),
    (
        &[SOURCE_HEADER],
        Topic::Source,
        "proprietary and confidential, confidential and proprietary, proprietary & confidential, \
         confidential & proprietary, company confidential, strictly confidential, unauthorized copying of this file, \
         unauthorised copying of this file, this file contains trade secrets, this source code is confidential, \
         this source code is proprietary, contains proprietary information of, vertraulich und geschützt, \
         streng vertraulich, dieser quelltext ist vertraulich, confidentiel et propriétaire, strictement confidentiel, \
         confidencial y propietario, estrictamente confidencial, confidencial e proprietário, \
         estritamente confidencial, riservato e proprietario, strettamente riservato, strikt vertrouwelijk, \
         vertrouwelijk en eigendom van, ściśle poufne, poufne i zastrzeżone, kesinlikle gizlidir, gizli ve tescilli, \
         строго конфиденциально, конфиденциально и, 机密源代码, 公司机密, 社外秘, 当社機密, 대외비+, 회사 기밀+, \
         سري وخاص بالشركة, ملكية سرية, गोपनीय और स्वामित्व, कंपनी गोपनीय",
    ),
    (
        &[SOURCE_HEADER],
        Topic::SourceAlone,
        "confidential, proprietary, internal use only, for internal use only, trade secret, vertraulich, \
         nur für den internen gebrauch, confidentiel, usage interne, confidencial, uso interno, riservato, vertrouwelijk, \
         poufne, gizli, конфиденциально, для служебного пользования, سري, गोपनीय",
    ),
];

/// The longest line that heads anything, before and after its phrase.
const LINE_MAX: usize = 160;

/// Looks at the line of a phrase.
pub(in crate::inspect) fn at_phrase(scan: &mut Scan<'_>, topic: Topic, start: usize, end: usize) {
    let text = scan.text;
    let in_line = |byte: u8| byte != b'\n' && byte != b'\r';
    let head = slice(text, run_back(text, start, LINE_MAX, in_line), start);
    let rest = slice(text, end, run(text, end, LINE_MAX, in_line));
    if is_question(rest) {
        return;
    }
    let heads = head.iter().all(|byte| is_mark(*byte));
    let found = match topic {
        Topic::Privilege => heads,
        Topic::PrivilegeAlone => heads && rest.iter().all(|byte| is_mark(*byte)),
        Topic::Counsel => true,
        Topic::Source => is_comment(head) && (heads || claims_rights(head)),
        _ => is_comment(head) && heads && rest.iter().all(|byte| is_mark(*byte)),
    };
    if found {
        let source = matches!(topic, Topic::Source | Topic::SourceAlone);
        let kind = if source { SOURCE_HEADER } else { PRIVILEGED };
        scan.hits.push(kind, start, end, if topic == Topic::Counsel { 0.7 } else { 0.85 });
    }
}

/// Question marks: Latin, full-width, Arabic.
fn is_question(rest: &[u8]) -> bool {
    rest.contains(&b'?')
        || ["？", "؟"].iter().any(|mark| rest.windows(mark.len()).any(|at| at == mark.as_bytes()))
}

/// What may stand around a heading: spaces and the marks of comments, quotes and lists.
fn is_mark(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"/*#-;<>!%|=_[](){}\"'`~.:,&+".contains(&byte)
}

/// Whether a line begins as comments do: `//`, `/*`, ` *`, `#`, `--`, `;`, `%`, `<!--`, `\"\"\"`.
fn is_comment(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let marks: [&[u8]; 9] = [b"//", b"/*", b"*", b"#", b"--", b";", b"%", b"<!--", b"\"\"\""];
    // A heading in bold is no comment.
    marks.iter().any(|mark| head.starts_with(mark)) && !head.starts_with(b"**") || head.starts_with(b"/**")
}

/// Whether the line says whose the text is before the phrase.
fn claims_rights(head: &[u8]) -> bool {
    ["copyright", "(c)", "©"].iter().any(|word| (0..head.len()).any(|place| goes_on(head, place, word)))
}
