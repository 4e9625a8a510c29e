"""The names by which a WAIT task's ``until`` may name a time zone, and what each is worth.

These are the English display names of Java's time zones (JDK 25), in lower case. A name stands for a fixed offset from
UTC, without regard to the date: "PST" is -8 hours in summer too. Where several zones share a name ("IST", "CST"), the
first in Java's list has it. Identifiers such as "Europe/Berlin" are not names.
"""

from __future__ import annotations

from typing import Final

_NAMES_BY_MINUTES: Final = {
    -660: (
        "sst, american samoa daylight time, american samoa standard time, american samoa time, niue daylight "
        "time, niue time"
    ),
    -600: (
        "hast, hat, hdt, hst, cook islands standard time, cook islands summer time, cook islands time, "
        "hawaii-aleutian daylight time, hawaii-aleutian standard time, hawaii-aleutian time, tahiti daylight "
        "time, tahiti time"
    ),
    -570: "marquesas daylight time, marquesas time",
    -540: "akst, akt, hadt, alaska standard time, alaska time, gambier daylight time, gambier time",
    -480: (
        "akdt, pst, pt, alaska daylight time, pacific standard time, pacific time, pitcairn daylight time, "
        "pitcairn time"
    ),
    -420: (
        "mst, mt, pdt, dawson daylight time, dawson time, mexican pacific daylight time, mexican pacific standard "
        "time, mexican pacific time, mountain standard time, mountain time, pacific daylight time, whitehorse "
        "daylight time, whitehorse time, yukon time"
    ),
    -360: (
        "cst, ct, mdt, central standard time, central time, easter island standard time, easter island time, "
        "galapagos daylight time, galapagos time, mountain daylight time"
    ),
    -300: (
        "cdt, est, et, acre standard time, acre summer time, acre time, central daylight time, colombia standard "
        "time, colombia summer time, colombia time, cuba standard time, cuba time, easter island summer time, "
        "eastern standard time, eastern time, ecuador time, guayaquil daylight time, guayaquil time, peru "
        "standard time, peru summer time, peru time"
    ),
    -240: (
        "ast, at, edt, amazon standard time, amazon summer time, amazon time, atlantic standard time, atlantic "
        "time, bolivia time, caracas daylight time, caracas time, chile standard time, chile time, cuba daylight "
        "time, eastern daylight time, guyana daylight time, guyana time, la paz daylight time, la paz time, "
        "venezuela time"
    ),
    -210: "nst, nt, newfoundland standard time, newfoundland time",
    -180: (
        "adt, argentina standard time, argentina summer time, argentina time, atlantic daylight time, brasilia "
        "standard time, brasilia summer time, brasilia time, cayenne daylight time, cayenne time, chile summer "
        "time, coyhaique daylight time, coyhaique standard time, coyhaique time, falkland islands standard time, "
        "falkland islands summer time, falkland islands time, french guiana time, palmer daylight time, palmer "
        "standard time, palmer time, paraguay standard time, paraguay summer time, paraguay time, paramaribo "
        "daylight time, paramaribo time, punta arenas daylight time, punta arenas standard time, punta arenas "
        "time, rothera daylight time, rothera time, st. pierre & miquelon standard time, st. pierre & miquelon "
        "time, suriname time, uruguay standard time, uruguay summer time, uruguay time"
    ),
    -150: "ndt, newfoundland daylight time",
    -120: (
        "fernando de noronha standard time, fernando de noronha summer time, fernando de noronha time, greenland "
        "standard time, greenland time, south georgia daylight time, south georgia time, st. pierre & miquelon "
        "daylight time"
    ),
    -60: (
        "azores standard time, azores time, cape verde standard time, cape verde summer time, cape verde time, "
        "greenland summer time"
    ),
    0: (
        "utc, wet, abidjan daylight time, abidjan time, accra daylight time, accra time, azores summer time, "
        "bamako daylight time, bamako time, banjul daylight time, banjul time, bissau daylight time, bissau time, "
        "casablanca daylight time, casablanca standard time, casablanca time, conakry daylight time, conakry "
        "time, coordinated universal time, dakar daylight time, dakar time, danmarkshavn daylight time, "
        "danmarkshavn time, dublin time, el aaiun daylight time, el aaiun standard time, el aaiun time, freetown "
        "daylight time, freetown time, greenwich mean time, guernsey time, isle of man time, jersey time, lome "
        "daylight time, lome time, london time, monrovia daylight time, monrovia time, nouakchott daylight time, "
        "nouakchott time, ouagadougou daylight time, ouagadougou time, reykjavik daylight time, reykjavik time, "
        "st. helena daylight time, st. helena time, são tomé daylight time, são tomé time, troll time, western "
        "european standard time, western european time"
    ),
    60: (
        "bst, cet, wat, west, british summer time, central european standard time, central european time, irish "
        "standard time, west africa standard time, west africa summer time, west africa time, western european "
        "summer time, windhoek daylight time, windhoek time"
    ),
    120: (
        "cat, cest, eet, ist, it, sast, blantyre daylight time, blantyre time, bujumbura daylight time, bujumbura "
        "time, central africa time, central european summer time, eastern european standard time, eastern "
        "european time, famagusta standard time, famagusta time, gaborone daylight time, gaborone time, harare "
        "daylight time, harare time, israel standard time, israel time, johannesburg daylight time, johannesburg "
        "time, juba daylight time, juba time, khartoum daylight time, khartoum time, kigali daylight time, kigali "
        "time, lubumbashi daylight time, lubumbashi time, lusaka daylight time, lusaka time, maputo daylight "
        "time, maputo time, maseru daylight time, maseru time, mbabane daylight time, mbabane time, south africa "
        "standard time, troll daylight time"
    ),
    180: (
        "eat, eest, idt, msk, addis ababa daylight time, addis ababa time, amman daylight time, amman standard "
        "time, amman time, antananarivo daylight time, antananarivo time, arabian daylight time, arabian standard "
        "time, arabian time, asmara daylight time, asmara time, comoro daylight time, comoro time, damascus "
        "daylight time, damascus standard time, damascus time, dar es salaam daylight time, dar es salaam time, "
        "djibouti daylight time, djibouti time, east africa time, eastern european summer time, famagusta "
        "daylight time, israel daylight time, istanbul daylight time, istanbul standard time, istanbul time, "
        "kampala daylight time, kampala time, kirov daylight time, kirov standard time, kirov time, mayotte "
        "daylight time, mayotte time, mogadishu daylight time, mogadishu time, moscow standard time, moscow "
        "summer time, moscow time, nairobi daylight time, nairobi time, syowa daylight time, syowa time, "
        "volgograd standard time, volgograd summer time, volgograd time"
    ),
    210: "iran daylight time, iran standard time, iran time",
    240: (
        "armenia standard time, armenia summer time, armenia time, astrakhan daylight time, astrakhan standard "
        "time, astrakhan time, azerbaijan standard time, azerbaijan summer time, azerbaijan time, dubai daylight "
        "time, dubai time, georgia standard time, georgia summer time, georgia time, gulf standard time, mahe "
        "daylight time, mahe time, mauritius standard time, mauritius summer time, mauritius time, muscat "
        "daylight time, muscat time, réunion daylight time, réunion time, samara standard time, samara summer "
        "time, samara time, saratov daylight time, saratov standard time, saratov time, seychelles time, "
        "ulyanovsk daylight time, ulyanovsk standard time, ulyanovsk time"
    ),
    270: "afghanistan time, kabul daylight time, kabul time",
    300: (
        "pkst, pkt, almaty daylight time, almaty time, aqtau daylight time, aqtau time, aqtobe daylight time, "
        "aqtobe time, atyrau daylight time, atyrau time, dushanbe daylight time, dushanbe time, french southern & "
        "antarctic time, kazakhstan time, kerguelen daylight time, kerguelen time, kostanay daylight time, "
        "kostanay time, maldives daylight time, maldives time, mawson daylight time, mawson time, oral daylight "
        "time, oral time, pakistan standard time, pakistan summer time, pakistan time, qyzylorda daylight time, "
        "qyzylorda time, tajikistan time, turkmenistan standard time, turkmenistan summer time, turkmenistan "
        "time, uzbekistan standard time, uzbekistan summer time, uzbekistan time, vostok daylight time, vostok "
        "time, yekaterinburg standard time, yekaterinburg summer time, yekaterinburg time"
    ),
    330: ("colombo daylight time, colombo time, india standard time, kolkata daylight time, kolkata time"),
    345: "kathmandu daylight time, kathmandu time, nepal time",
    360: (
        "bangladesh standard time, bangladesh summer time, bangladesh time, bhutan time, bishkek daylight time, "
        "bishkek time, chagos daylight time, chagos time, indian ocean time, kyrgyzstan time, omsk standard time, "
        "omsk summer time, omsk time, thimphu daylight time, thimphu time, urumqi daylight time, urumqi standard "
        "time, urumqi time"
    ),
    390: ("cocos islands daylight time, cocos islands time, myanmar time, yangon daylight time, yangon time"),
    420: (
        "wib, bangkok daylight time, bangkok time, barnaul daylight time, barnaul standard time, barnaul time, "
        "christmas island daylight time, christmas island time, davis daylight time, davis time, ho chi minh city "
        "daylight time, ho chi minh city time, hovd standard time, hovd summer time, hovd time, indochina time, "
        "jakarta daylight time, jakarta time, krasnoyarsk standard time, krasnoyarsk summer time, krasnoyarsk "
        "time, novosibirsk standard time, novosibirsk summer time, novosibirsk time, phnom penh daylight time, "
        "phnom penh time, pontianak daylight time, pontianak time, tomsk daylight time, tomsk standard time, "
        "tomsk time, vientiane daylight time, vientiane time, western indonesia time"
    ),
    480: (
        "awdt, awst, awt, hkst, hkt, wita, australian western daylight time, australian western standard time, "
        "australian western time, brunei daylight time, brunei time, central indonesia time, china daylight time, "
        "china standard time, china time, hong kong standard time, hong kong summer time, hong kong time, irkutsk "
        "standard time, irkutsk summer time, irkutsk time, kuala lumpur daylight time, kuala lumpur time, kuching "
        "daylight time, kuching time, makassar daylight time, makassar time, malaysia time, philippine standard "
        "time, philippine summer time, philippine time, singapore daylight time, singapore standard time, "
        "singapore time, taiwan daylight time, taiwan standard time, taiwan time, ulaanbaatar standard time, "
        "ulaanbaatar summer time, ulaanbaatar time"
    ),
    525: (
        "australian central western daylight time, australian central western standard time, australian central "
        "western time"
    ),
    540: (
        "jdt, jst, jt, kst, wit, dili daylight time, dili time, eastern indonesia time, japan daylight time, "
        "japan standard time, japan time, jayapura daylight time, jayapura time, korean daylight time, korean "
        "standard time, korean time, palau daylight time, palau time, timor-leste time, yakutsk standard time, "
        "yakutsk summer time, yakutsk time"
    ),
    570: (
        "acdt, acst, act, australian central daylight time, australian central standard time, australian central time"
    ),
    600: (
        "aest, aet, chst, australian eastern standard time, australian eastern time, chamorro standard time, "
        "chuuk daylight time, chuuk time, dumont d’urville time, dumont-d’urville daylight time, dumont-d’urville "
        "time, guam daylight time, guam time, papua new guinea time, port moresby daylight time, port moresby "
        "time, saipan daylight time, saipan time, vladivostok standard time, vladivostok summer time, vladivostok "
        "time"
    ),
    630: "lord howe standard time, lord howe time",
    660: (
        "aedt, australian eastern daylight time, bougainville daylight time, bougainville standard time, "
        "bougainville time, guadalcanal daylight time, guadalcanal time, kosrae daylight time, kosrae time, lord "
        "howe daylight time, magadan standard time, magadan summer time, magadan time, new caledonia standard "
        "time, new caledonia summer time, new caledonia time, norfolk island standard time, norfolk island time, "
        "pohnpei daylight time, pohnpei time, sakhalin standard time, sakhalin summer time, sakhalin time, "
        "solomon islands time, srednekolymsk daylight time, srednekolymsk standard time, srednekolymsk time, "
        "vanuatu standard time, vanuatu summer time, vanuatu time"
    ),
    720: (
        "nzst, nzt, anadyr standard time, anadyr summer time, anadyr time, fiji standard time, fiji summer time, "
        "fiji time, funafuti daylight time, funafuti time, gilbert islands time, kamchatka standard time, "
        "kamchatka summer time, kamchatka time, kwajalein daylight time, kwajalein time, majuro daylight time, "
        "majuro time, marshall islands time, nauru daylight time, nauru time, new zealand standard time, new "
        "zealand time, norfolk island daylight time, tarawa daylight time, tarawa time, tuvalu time, wake island "
        "daylight time, wake island time, wallis daylight time, wallis time"
    ),
    765: "chatham standard time, chatham time",
    780: (
        "nzdt, enderbury daylight time, enderbury time, fakaofo daylight time, fakaofo time, new zealand daylight "
        "time, phoenix islands time, samoa daylight time, samoa standard time, samoa time, tokelau time, tonga "
        "standard time, tonga summer time, tonga time"
    ),
    825: "chatham daylight time",
    840: "kiritimati daylight time, kiritimati time, line islands time",
}

#: Zone name in lower case → minutes ahead of UTC.
ZONE_OFFSETS: Final = {name: minutes for minutes, names in _NAMES_BY_MINUTES.items() for name in names.split(", ")}
