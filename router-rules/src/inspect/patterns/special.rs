//! Words for what the law protects most (GDPR, articles 9 and 10): belief, origin, opinion, union, love, genes, crime.
//!
//! By themselves they are everyday words; a policy asks for them beside a person.

use super::Leads;
use crate::inspect::dictionary::Topic;
use crate::inspect::hits::{CRIMINAL_RECORD, SPECIAL_CATEGORY};

pub(super) const LEADS: &Leads = &[
    (
        &[SPECIAL_CATEGORY],
        Topic::Special,
        "catholic, protestant, muslim, jewish, hindu, buddhist, sikh, atheist, orthodox christian, jehovah s witness, \
         religious belief+, ethnic origin, ethnicity, racial origin, roma, sinti, trade union, union member+, \
         shop steward, party member+, political opinion+, political view+, sexual orientation, homosexual, gay, lesbian, \
         bisexual, transgender, genetic test+, dna profile, fingerprint scan, biometric+, \
         katholisch+, evangelisch+, muslimisch+, jüdisch+, konfession, kirchenaustritt, ethnische herkunft, \
         gewerkschaftsmitglied+, in der gewerkschaft, parteimitglied+, sexuelle orientierung, schwul, lesbisch, \
         homosexuell, transgeschlechtlich, gentest, \
         catholique, protestante, musulman, musulmane, juif, juive, origine ethnique, syndiqué, syndiquée, syndicaliste, \
         adhérent du parti, opinions politiques, orientation sexuelle, homosexuelle, lesbienne, test génétique, \
         católico, católica, musulmán, musulmana, judío, judía, origen étnico, afiliado al sindicato, sindicalista, \
         afiliado al partido, opiniones políticas, orientación sexual, lesbiana, prueba genética, \
         muçulmano, muçulmana, judeu, judia, evangélico, origem étnica, sindicalizado, filiado ao partido, \
         orientação sexual, lésbica, teste genético, cattolico, cattolica, musulmano, ebreo, ebrea, origine etnica, \
         iscritto al sindacato, iscritta al sindacato, iscritto al partito, opinioni politiche, orientamento sessuale, \
         omosessuale, lesbica, test genetico, katholiek, moslim, joods, etnische afkomst, vakbondslid, \
         lid van de vakbond, partijlid, seksuele geaardheid, homoseksueel, lesbisch, genetische test, \
         katolik, katoliczka, muzułmanin, muzułmanka, żyd, żydówka, pochodzenie etniczne, członek związku zawodowego, \
         członkini związku zawodowego, orientacja seksualna, homoseksualny, lesbijka, badanie genetyczne, \
         müslüman, hristiyan, yahudi, alevi, etnik köken+, sendika üyesi, parti üyesi, cinsel yönelim+, eşcinsel, \
         genetik test, мусульманин, мусульманка, еврей, еврейка, православный, православная, католик, \
         этническое происхождение, член профсоюза, член партии, сексуальная ориентация, гей, лесбиянка, \
         генетический тест, 穆斯林, 天主教徒, 基督徒, 佛教徒, 民族出身, 工会会员, 党员, 性取向, 同性恋, 基因检测, \
         イスラム教徒, カトリック教徒, 創価学会員, 民族的出自, 労働組合員, 労働組合に加入, 党員, 性的指向, 同性愛者, 遺伝子検査, \
         무슬림+, 천주교 신자+, 개신교 신자+, 불교 신자+, 노동조합원+, 노조원+, 당원+, 성적 지향+, 동성애자+, 유전자 검사+, \
         مسلم, مسلمة, مسيحي, مسيحية, يهودي, يهودية, الأصل العرقي, عضو في النقابة, عضو نقابة, عضو في الحزب, الميول الجنسية, مثلي, \
         فحص جيني, मुसलमान, मुस्लिम, ईसाई, यहूदी, सिख, दलित, जातीय मूल, यूनियन सदस्य, पार्टी सदस्य, यौन रुझान, समलैंगिक, \
         आनुवंशिक परीक्षण",
    ),
    (
        &[CRIMINAL_RECORD],
        Topic::Offence,
        "criminal record, criminal conviction+, convicted of, previous conviction+, prior conviction+, rap sheet, \
         on probation, on parole, served time, background check came back, vorstrafe+, vorbestraft+, führungszeugnis, \
         verurteilt wegen, auf bewährung, casier judiciaire, condamné pour, condamnée pour, \
         antecedentes penales, condenado por, condenada por, antecedentes criminais, ficha criminal, \
         precedenti penali, fedina penale, condannato per, condannata per, strafblad, veroordeeld voor, veroordeeld wegens, \
         karany, karana, skazany za, skazana za, wyrok w zawieszeniu, sabıka kaydı, sabıkalı, hüküm giydi, \
         судимость, судимости, судим за, осуждён за, осужден за, осуждена за, 犯罪记录, 有前科, 被判刑, 前科, 有罪判決, 執行猶予, \
         전과 기록+, 전과가+, 집행유예+, 유죄 판결+, سوابق جنائية, صحيفة السوابق, أدين بتهمة, مدان ب, \
         आपराधिक रिकॉर्ड, दोषी ठहराया, सज़ायाफ्ता",
    ),
];
