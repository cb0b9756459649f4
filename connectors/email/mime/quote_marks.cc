#include "connectors/email/mime/quote_marks.h"

#include <algorithm>
#include <array>
#include <string>

#include "connectors/email/mime/ascii.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxAttribution = 400;
constexpr std::size_t kMaxAttributionLines = 4;

// How the line ends. The colon and what follows it are gone.
constexpr auto kVerbs = std::to_array<std::string_view>({"wrote",
                                                         "writes",
                                                         "schrieb",
                                                         "schrieben",
                                                         "geschrieben",
                                                         "a écrit",
                                                         "a ecrit",
                                                         "à écrit",
                                                         "escribió",
                                                         "escribio",
                                                         "escribiste",
                                                         "ha scritto",
                                                         "scrisse",
                                                         "scrive",
                                                         "schreef",
                                                         "het volgende geschreven",
                                                         "geschreven",
                                                         "escreveu",
                                                         "escreveram",
                                                         "skrev",
                                                         "skrev følgende",
                                                         "skrev detta",
                                                         "napisał",
                                                         "napisała",
                                                         "napisał(a)",
                                                         "napisał/a",
                                                         "pisze",
                                                         "писал",
                                                         "писал(а)",
                                                         "пишет",
                                                         "написал",
                                                         "написала",
                                                         "написал(а)",
                                                         "написав",
                                                         "пише",
                                                         "写道",
                                                         "寫道",
                                                         "寫",
                                                         "kirjoitti",
                                                         "kirjoitti näin",
                                                         "napsal",
                                                         "napsala",
                                                         "napsal(a)",
                                                         "napísal",
                                                         "napísal(a)",
                                                         "írta",
                                                         "ezt írta",
                                                         "yazdı",
                                                         "şunu yazdı",
                                                         "şunları yazdı",
                                                         "a scris",
                                                         "έγραψε",
                                                         "đã viết",
                                                         "viết",
                                                         "menulis",
                                                         "作成",
                                                         "님이 작성",
                                                         "작성",
                                                         "님이 씀",
                                                         "書きました",
                                                         "さんは書きました",
                                                         "のメール",
                                                         "כתב",
                                                         "כתב/ה"});
constexpr auto kMoreVerbs =
    std::to_array<std::string_view>({"كتب", "va escriure", "je napisao/la", "je napisal"});
constexpr auto kBegins = std::to_array<std::string_view>(
    {"on ",    "am ",  "le ",   "el ",   "il ",        "op ",     "em ",      "den ",   "w dniu ", "dnia ",
     "dana ",  "le:",  "at ",   "in ",   "il giorno ", "no dia ", "a ",       "dne ",   "v ",      "på ",
     "pada ",  "vào ", "ngày ", "στις ", "la data ",   "le lun",  "в ",       "在",     "於",      "于",
     "le mar", "το ",  "2",     "1",     "3",          "> on ",   "в письме", "vào lúc"});

// From:, and the others of its language. Without stars, spaces and the colon; in lower case.
constexpr auto kFrom = std::to_array<std::string_view>(
    {"from",      "von",      "de",        "da",      "van",        "från",      "fra",       "od",
     "от",        "від",      "发件人",    "寄件者",  "寄件人",     "差出人",    "보낸 사람", "보낸사람",
     "kimden",    "gönderen", "lähettäjä", "feladó",  "odesílatel", "mittente",  "remetente", "expéditeur",
     "remitente", "από",      "từ",        "מאת",     "من",         "expeditor", "dari",      "de la",
     "saatja",    "no",       "nuo",       "afzender"});
constexpr auto kOthers = std::to_array<std::string_view>({"sent",
                                                          "date",
                                                          "to",
                                                          "subject",
                                                          "cc",
                                                          "reply-to",
                                                          "organization",
                                                          "sent at",
                                                          "gesendet",
                                                          "datum",
                                                          "an",
                                                          "betreff",
                                                          "kopie",
                                                          "envoyé",
                                                          "envoyé le",
                                                          "date d'envoi",
                                                          "à",
                                                          "objet",
                                                          "a",
                                                          "enviado",
                                                          "enviado el",
                                                          "enviada",
                                                          "enviado em",
                                                          "enviada em",
                                                          "fecha",
                                                          "para",
                                                          "asunto",
                                                          "assunto",
                                                          "data",
                                                          "inviato",
                                                          "oggetto",
                                                          "destinatario",
                                                          "verzonden",
                                                          "aan",
                                                          "onderwerp",
                                                          "skickat",
                                                          "till",
                                                          "ämne",
                                                          "datum",
                                                          "sendt",
                                                          "til",
                                                          "emne",
                                                          "dato",
                                                          "wysłano",
                                                          "wysłane",
                                                          "do",
                                                          "temat",
                                                          "dw",
                                                          "отправлено",
                                                          "дата",
                                                          "кому",
                                                          "тема",
                                                          "копия",
                                                          "надіслано",
                                                          "发送时间",
                                                          "收件人",
                                                          "主题",
                                                          "抄送",
                                                          "日期",
                                                          "傳送時間",
                                                          "寄件日期",
                                                          "收件者",
                                                          "主旨",
                                                          "副本",
                                                          "送信日時",
                                                          "日時",
                                                          "宛先",
                                                          "件名",
                                                          "보낸 날짜",
                                                          "날짜",
                                                          "받는 사람",
                                                          "받는사람",
                                                          "제목",
                                                          "gönderildi",
                                                          "tarih",
                                                          "kime",
                                                          "konu",
                                                          "lähetetty",
                                                          "päivämäärä",
                                                          "vastaanottaja",
                                                          "aihe",
                                                          "odesláno",
                                                          "komu",
                                                          "předmět",
                                                          "küldve",
                                                          "címzett",
                                                          "tárgy",
                                                          "elküldve",
                                                          "ημερομηνία",
                                                          "προς",
                                                          "θέμα",
                                                          "ngày"});
constexpr auto kMoreOthers =
    std::to_array<std::string_view>({"đến", "tới", "chủ đề", "gửi", "נשלח", "אל", "נושא", "trimis"});

// Between dashes.
constexpr auto kOriginal = std::to_array<std::string_view>({"original message",
                                                            "original email",
                                                            "original mail",
                                                            "ursprüngliche nachricht",
                                                            "ursprüngliche mail",
                                                            "originalnachricht",
                                                            "original-nachricht",
                                                            "original nachricht",
                                                            "message original",
                                                            "message d'origine",
                                                            "message d’origine",
                                                            "mensaje original",
                                                            "mensagem original",
                                                            "messaggio originale",
                                                            "messaggio originario",
                                                            "oorspronkelijk bericht",
                                                            "origineel bericht",
                                                            "ursprungligt meddelande",
                                                            "originalmeddelande",
                                                            "oprindelig meddelelse",
                                                            "original meddelelse",
                                                            "opprinnelig melding",
                                                            "alkuperäinen viesti",
                                                            "wiadomość oryginalna",
                                                            "oryginalna wiadomość",
                                                            "treść oryginalnej wiadomości",
                                                            "исходное сообщение",
                                                            "оригинальное сообщение",
                                                            "původní zpráva",
                                                            "eredeti üzenet",
                                                            "orijinal mesaj",
                                                            "özgün ileti",
                                                            "原始邮件",
                                                            "原始郵件",
                                                            "邮件原件",
                                                            "原邮件",
                                                            "元のメッセージ",
                                                            "original message follows",
                                                            "원본 메시지",
                                                            "reply message"});
constexpr auto kMoreOriginal = std::to_array<std::string_view>(
    {"원본 메일", "αρχικό μήνυμα", "mesaj original", "tin nhắn gốc", "thư gốc", "oorspronkelijke bericht",
     "antwort nachricht", "oprindelig besked", "původní e-mail", "původní email", "wiadomość źródłowa",
     "пересланное сообщение", "reply above this line", "please reply above this line"});

template <std::size_t N>
bool isIn(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Some capitals beyond ASCII that begin such words.
std::string folded(std::string_view text) {
    std::string out = lowered(text);
    for (const auto& [upper, lower] : {std::pair<std::string_view, std::string_view>{"От", "от"},
                                       {"От:", "от:"},
                                       {"Дата", "дата"},
                                       {"Кому", "кому"},
                                       {"Тема", "тема"},
                                       {"Отправлено", "отправлено"},
                                       {"Копия", "копия"},
                                       {"À", "à"},
                                       {"Ä", "ä"},
                                       {"Від", "від"},
                                       {"Надіслано", "надіслано"},
                                       {"В ", "в "},
                                       {"Пн", "пн"},
                                       {"Исходное", "исходное"},
                                       {"Ursprüngliche", "ursprüngliche"},
                                       {"É", "é"},
                                       {"Đ", "đ"},
                                       {"Η", "η"},
                                       {"Ημερομηνία", "ημερομηνία"},
                                       {"Προς", "προς"},
                                       {"Θέμα", "θέμα"},
                                       {"Από", "από"},
                                       {"Στις", "στις"}}) {
        if (const auto at = out.find(upper); at == 0) out.replace(0, upper.size(), lower);
    }
    return out;
}

std::string_view withoutFrame(std::string_view line) {
    const auto isFrame = [](char c) {
        return c == '-' || c == '_' || c == '=' || c == '*' || c == '#' || c == '~' || isSpace(c);
    };
    while (!line.empty() && isFrame(line.front())) line.remove_prefix(1);
    while (!line.empty() && (isFrame(line.back()) || line.back() == ':')) line.remove_suffix(1);
    return line;
}

std::size_t frameLength(std::string_view line) {
    line = trimmed(line);
    std::size_t count = 0;
    while (count < line.size() && (line[count] == '-' || line[count] == '_' || line[count] == '=' ||
                                   line[count] == '*' || line[count] == '#'))
        ++count;
    return count;
}

// «*From:* x», «From : x» → "from"; empty: no label.
std::string labelOf(std::string_view line) {
    line = trimmed(line);
    while (!line.empty() &&
           (line.front() == '*' || line.front() == '>' || line.front() == '|' || isSpace(line.front())))
        line.remove_prefix(1);
    auto colon = line.find(':');
    if (const auto wide = line.find("："); wide != std::string_view::npos && wide < colon) colon = wide;
    if (colon == std::string_view::npos || colon > 40) return "";
    std::string_view label = line.substr(0, colon);
    while (!label.empty() && (label.back() == '*' || isSpace(label.back()))) label.remove_suffix(1);
    while (label.ends_with("\xC2\xA0")) label.remove_suffix(2);
    return folded(label);
}

bool hasDigit(std::string_view text) {
    return std::any_of(text.begin(), text.end(), isDigit);
}

std::ptrdiff_t digitsIn(std::string_view text) {
    return std::count_if(text.begin(), text.end(), isDigit);
}

// Without the colon, «>», quotes and stars behind the verb.
std::string_view attributionCore(std::string_view text, bool& has_colon) {
    text = trimmed(text);
    has_colon = false;
    bool is_changed = true;
    while (is_changed && !text.empty()) {
        is_changed = false;
        for (const std::string_view end : {":", "：", "*", "-", "_", "\"", " ", "\xC2\xA0", ">", "…"}) {
            if (!text.ends_with(end)) continue;
            if (end == ":" || end == "：") has_colon = true;
            text.remove_suffix(end.size());
            is_changed = true;
        }
    }
    return text;
}

bool endsWithVerb(const std::string& core) {
    const auto ends = [&](std::string_view verb) {
        if (!core.ends_with(verb)) return false;
        if (core.size() == verb.size()) return false;
        const char before = core[core.size() - verb.size() - 1];
        return isSpace(before) || (before & 0x80) != 0 || before == '>' || before == ')' || before == ',' ||
               before == '"' || before == ']' || before == '*' || (verb[0] & 0x80) != 0;
    };
    return std::any_of(kVerbs.begin(), kVerbs.end(), ends) ||
           std::any_of(kMoreVerbs.begin(), kMoreVerbs.end(), ends);
}

bool isQuoted(std::string_view line) {
    line = trimmed(line);
    return !line.empty() && line.front() == '>';
}

bool isFollowedByQuote(const std::vector<std::string_view>& lines, std::size_t at) {
    while (at < lines.size() && trimmed(lines[at]).empty()) ++at;
    return at < lines.size() && isQuoted(lines[at]);
}

// «2011/4/7 Nathan <a@b>», «Am 01.02.2012 um 12:34 schrieb …» without a verb at its end.
bool isDateAndAddress(std::string_view line) {
    const std::string_view core = trimmed(line);
    if (core.size() < 12 || core.size() > 200 || !isDigit(core.front()) || !contains(core, "@")) return false;
    const std::string_view head = core.substr(0, 24);
    const bool is_date = contains(head, "/") || contains(head, "-") || contains(head, ".") ||
                         contains(head, "年") || contains(head, "년");
    return is_date && contains(core, "<") &&
           (core.ends_with('>') || core.ends_with(">:") || core.ends_with(':') || core.ends_with("："));
}

// «Am … schrieb Anna Muster <a@b>:», «Op … schreef Jan <…>:», «Den … skrev …:»: the verb stands inside.
bool hasVerbInside(const std::string& text) {
    static constexpr auto kInside = std::to_array<std::string_view>(
        {" schrieb ", " schreef ", " skrev ", " escribió ", " a écrit ", " ha scritto ", " escreveu ",
         " napisał ", " napisała ", " пишет ", " написал ", " kirjoitti ", " je ", " wrote "});
    for (const std::string_view verb : kInside) {
        if (contains(text, verb)) return verb != " je " || contains(text, "napisal");
    }
    return false;
}

// «Mo., 3. Feb. 2020 um 10:11 Ada <a@b>:», as Gmail writes in languages where it needs no verb.
bool isDatedPerson(std::string_view line) {
    line = trimmed(line);
    if (!line.ends_with(">:") || line.size() > 200 || digitsIn(line) < 5) return false;
    const auto angle = line.rfind('<');
    if (angle == std::string_view::npos || !contains(line.substr(angle), "@")) return false;
    for (std::size_t i = 1; i + 2 < angle; ++i) {
        const bool is_time = (line[i] == ':' || line[i] == '.') && isDigit(line[i - 1]) &&
                             isDigit(line[i + 1]) && isDigit(line[i + 2]);
        if (is_time) return true;
    }
    return false;
}

// Most lines are none: no colon, frame or quote is near. The tables are not asked for those.
bool mayBeAttribution(const std::vector<std::string_view>& lines, std::size_t at) {
    const std::string_view first = trimmed(lines[at]);
    if (first.starts_with("--") || first.starts_with("__") || first.starts_with("==")) return true;
    for (std::size_t i = at; i < lines.size() && i < at + kMaxAttributionLines + 2; ++i) {
        if (i > at && isQuoted(lines[i])) return true;
        if (i < at + kMaxAttributionLines &&
            (contains(lines[i], ":") || contains(lines[i], "：") || contains(lines[i], "@")))
            return true;
    }
    return false;
}

// «pe 20. lokakuuta 2017 klo 17.50 …», «man. 3. juni 2024 kl. 10:11 …»: a date begins it, no preposition.
bool beginsWithClock(std::string_view text) {
    if (digitsIn(text) < 7 || text.size() > 120) return false;
    return contains(text, " klo ") || contains(text, " kl. ") || contains(text, " kl ");
}

bool isQuoting(std::string_view core) {
    return core.size() < 200 && contains(core, "@") &&
           (core.starts_with("quoting ") || core.starts_with("zitat von "));
}

}  // namespace

std::size_t attributionLength(const std::vector<std::string_view>& lines, std::size_t at) {
    if (!mayBeAttribution(lines, at)) return 0;
    std::string joined;
    for (std::size_t count = 1; count <= kMaxAttributionLines && at + count <= lines.size(); ++count) {
        std::string_view line = trimmed(lines[at + count - 1]);
        if (line.empty()) return 0;
        if (isQuoted(line)) return 0;
        if (!joined.empty()) joined += ' ';
        joined += line;
        if (joined.size() > kMaxAttribution) return 0;
        std::string text = folded(withoutFrame(joined));
        bool has_colon = false;
        const std::string core(attributionCore(folded(trimmed(joined)), has_colon));
        const bool begins = std::any_of(kBegins.begin(), kBegins.end(),
                                        [&](std::string_view begin) { return text.starts_with(begin); }) ||
                            beginsWithClock(text);
        const bool has_facts = hasDigit(core) || contains(core, "@");
        const std::size_t next = at + count;
        const bool is_quote_next = isFollowedByQuote(lines, next);
        if (endsWithVerb(core)) {
            const bool is_framed = frameLength(joined) >= 2 && has_facts;
            // «What the 2 of them wrote:» begins a sentence, no quote.
            const bool is_dated = begins ? has_facts : contains(core, "@") || digitsIn(core) >= 4;
            if (has_colon && (is_dated || is_quote_next) && (count == 1 || begins)) return count;
            if (is_framed) return count;
            if (begins && has_facts && is_quote_next) return count;
        }
        if (has_colon && begins && has_facts && is_quote_next && core.ends_with(" sent")) return count;
        // «Ada <a@b> schrieb am 3. Feb. 2020:»
        const bool is_person_first =
            (contains(core, "@") || (is_quote_next && has_colon)) && hasVerbInside(' ' + core + ' ');
        if (has_colon && is_person_first && digitsIn(core) >= 3) return count;
        if (has_colon && (isDatedPerson(joined) || isQuoting(core))) return count;
        if (has_colon && begins && has_facts && hasVerbInside(' ' + core + ' ') &&
            (contains(core, "@") || is_quote_next || joined.size() < 200))
            return count;
        if (count <= 2 && isDateAndAddress(joined) && (is_quote_next || has_colon)) return count;
        if (has_colon && is_quote_next && has_facts && (begins || contains(core, "@"))) return count;
        // Only lines that begin like one may go on.
        if ((!begins && !is_person_first) || has_colon) return 0;
    }
    return 0;
}

std::size_t originalMarkLength(const std::vector<std::string_view>& lines, std::size_t at) {
    const std::string_view line = trimmed(lines[at]);
    if (line.empty()) return 0;
    const std::string core = folded(withoutFrame(line));
    if (frameLength(line) >= 2 && core.size() < 80 && (isIn(core, kOriginal) || isIn(core, kMoreOriginal)))
        return 1;
    if ((core == "原始邮件" || core == "原始郵件") && frameLength(line) >= 1) return 1;
    if (contains(core, "reply above this line") || contains(core, "please type your reply above this line") ||
        contains(core, "bitte antworten sie oberhalb dieser zeile"))
        return 1;
    // A ruler of Outlook, then the block.
    std::size_t first = at;
    if (withoutFrame(line).empty() && frameLength(line) >= 5) {
        ++first;
        while (first < lines.size() && first < at + 3 && trimmed(lines[first]).empty()) ++first;
        if (first >= lines.size()) return 0;
    }
    if (!isIn(labelOf(lines[first]), kFrom)) {
        // «Date: …», «Subject: …» first: Hotmail, GMX and old programs.
        static constexpr auto kFirst = std::to_array<std::string_view>(
            {"date",    "to",       "subject", "datum",     "sent",    "gesendet", "betreff", "envoyé",
             "enviado", "enviada",  "inviato", "verzonden", "skickat", "sendt",    "wysłano", "отправлено",
             "дата",    "发送时间", "日期",    "送信日時",  "日時",    "lähetetty"});
        if (!isIn(labelOf(lines[first]), kFirst)) return 0;
    }
    std::size_t others = 0, seen = 0;
    bool has_from = isIn(labelOf(lines[first]), kFrom);
    for (std::size_t i = first + 1; i < lines.size() && seen < 8 && i < first + 14; ++i) {
        const std::string_view next = trimmed(lines[i]);
        if (next.empty()) {
            if (others > 0) break;
            continue;
        }
        ++seen;
        const std::string label = labelOf(next);
        if (isIn(label, kOthers) || isIn(label, kMoreOthers)) ++others;
        if (isIn(label, kFrom)) has_from = true, ++others;
    }
    // «Date: …», «To: …» and nothing else: old telephones.
    const bool is_short = labelOf(lines[first]) == "date" && hasDigit(lines[first]) && others == 1 &&
                          first + 1 < lines.size() && labelOf(lines[first + 1]) == "to";
    return (has_from && others >= 2) || is_short ? 1 : 0;
}

bool isForwardMark(std::string_view line) {
    const std::string core = folded(withoutFrame(line));
    if (core.starts_with("begin forwarded message")) return true;
    if (frameLength(line) < 2) return false;
    static constexpr auto kForwarded = std::to_array<std::string_view>(
        {"forwarded message", "forwarded mail", "forwarded by", "weitergeleitete nachricht",
         "message transféré", "message transmis", "mensaje reenviado", "mensagem encaminhada",
         "messaggio inoltrato", "doorgestuurd bericht", "vidarebefordrat meddelande", "videresendt",
         "пересылаемое сообщение", "przekazana wiadomość", "转发邮件信息", "edelleenlähetetty viesti"});
    return std::any_of(kForwarded.begin(), kForwarded.end(),
                       [&](std::string_view word) { return core.starts_with(word); });
}

bool isMobileSignature(std::string_view raw) {
    if (raw.size() > 160) return false;
    std::string line = lowered(trimmed(raw));
    while (!line.empty() && (line.front() == '-' || line.front() == '_' || line.front() == '*' ||
                             line.front() == '(' || line.front() == '<' || isSpace(line.front())))
        line.erase(0, 1);
    static constexpr auto kBegins = std::to_array<std::string_view>({"sent from my ",
                                                                     "sent from mobile",
                                                                     "sent from a phone",
                                                                     "sent from mail for",
                                                                     "sent from outlook",
                                                                     "sent from yahoo",
                                                                     "sent from samsung",
                                                                     "sent from gmail",
                                                                     "sent from the ",
                                                                     "sent from proton",
                                                                     "sent from iphone",
                                                                     "sent from ipad",
                                                                     "sent from android",
                                                                     "sent via ",
                                                                     "sent using ",
                                                                     "get outlook for ",
                                                                     "sent from blue",
                                                                     "sent from a ",
                                                                     "sent with ",
                                                                     "sent on the go",
                                                                     "sent by ",
                                                                     "von meinem ",
                                                                     "gesendet von ",
                                                                     "gesendet mit ",
                                                                     "diese nachricht wurde von meinem",
                                                                     "envoyé de mon",
                                                                     "envoyé depuis ",
                                                                     "envoyé à partir de",
                                                                     "obtenez outlook pour",
                                                                     "télécharger outlook pour",
                                                                     "sent from mailbox",
                                                                     "from my iphone",
                                                                     "from my ipad",
                                                                     "from my android",
                                                                     "enviado desde ",
                                                                     "enviado do meu",
                                                                     "enviado via ",
                                                                     "enviado de mi",
                                                                     "inviato da",
                                                                     "verzonden vanaf",
                                                                     "verstuurd vanaf",
                                                                     "skickat från",
                                                                     "sendt fra",
                                                                     "wysłane z",
                                                                     "wysłano z",
                                                                     "lähetetty ",
                                                                     "odesláno z"});
    static constexpr auto kMore =
        std::to_array<std::string_view>({"отправлено с ", "отправлено из ", "Отправлено с ", "Отправлено из ",
                                         "发自我的", "發自我的", "outlook für "});
    if (contains(line, "から送信") || contains(line, "에서 보냄") || contains(line, "에서 보낸"))
        return line.size() < 80;
    // «從我的 iPhone 傳送»
    if (trimmed(raw).starts_with("從我的") || trimmed(raw).starts_with("从我的")) return line.size() < 80;
    const auto begins = [&](std::string_view word) { return line.starts_with(word); };
    const auto begins_raw = [&](std::string_view word) { return trimmed(raw).starts_with(word); };
    return std::any_of(kBegins.begin(), kBegins.end(), begins) ||
           std::any_of(kMore.begin(), kMore.end(), begins_raw);
}

}  // namespace signalbox::mime
