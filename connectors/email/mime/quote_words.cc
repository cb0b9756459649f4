#include "connectors/email/mime/quote_words.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "connectors/email/mime/ascii.h"

namespace signalbox::mime {
namespace {

constexpr std::string_view kVerbs =
    "wrote|writes|schrieb|schrieben|geschrieben|folgendes geschrieben|a écrit|a ecrit|à "
    "écrit|escribió|escribio|"
    "escribiste|ha scritto|scrisse|scrive|schreef|het volgende geschreven|schreef het volgende|het volgende|"
    "escreveu|escreveram|skrev|skrev følgende|skrev "
    "detta|følgende|napisał|napisała|napisał(a)|napisał/a|pisze|"
    "писал|писал(а)|пишет|написал|написала|написал(а)|написав|написав(-ла)|пише|написа|写道|寫道|寫|写|"
    "kirjoitti|"
    "kirjoitti näin|napsal|napsala|napsal(a)|napísal|napísal(a)|írta|ezt írta|yazdı|şunu yazdı|şunları yazdı|"
    "a scris|έγραψε|đã viết|viết|menulis|作成|님이 작성|작성|님이 씀|님의 말|쓴 "
    "글|書きました|さんは書きました|"
    "のメール|のメッセージ|さん|כתב|כתב/ה|כתבה|كتب|va escriure|ha escrit|je napisao/la|je napisal|napisao je|"
    "napisala je|je napisala|napisao|napisala|rašė|rakstīja|kirjutas|เขียนว่า|napisaše|a răspuns|antwortete|"
    "a répondu|replied|píše|вы писали|писали|撰写|respondeu|respondió|ha "
    "risposto|ответил|ответил(а)|sagte|said";

constexpr std::string_view kInnerVerbs =
    " schrieb | schreef | skrev | escribió | a écrit | ha scritto | escreveu | napisał | napisała | "
    "napisał(a) |"
    " пишет | писал | писал(а) | написал | написала | kirjoitti | wrote | كتب | yazdı | şunu yazdı| şunları "
    "yazdı|"
    " ezt írta | írta | píše | rašė | said the following on |"
    " rakstīja | hat am | je napisal| je oseba | heeft | hat | написав | napsal ";

constexpr std::string_view kBegins =
    "on |am |le |el |il |op |em |den |w dniu |dnia |dana |dňa |le:|at |in |en |il giorno |no dia |às |a |dne "
    "|v |på |"
    "pada |vào |ngày |στις |la data |pe data |pe |în |le lun|в |на |在|於|于|le mar|το |> on |в письме|vào "
    "lúc|"
    "wiadomość napisana przez |missatge de |lietotājs |kuupäev |في |בתאריך |ב-|ในวันที่|вы писали "
    "|2|1|3|4|5|6|7|8|9|"
    "0|su |włączone ";

// They need no verb behind them.
constexpr std::string_view kWholeBegins = "wiadomość napisana przez |missatge de |lietotājs ";

// Without stars, spaces and the colon.
constexpr std::string_view kFrom =
    "from|von|de|da|van|från|fra|od|от|від|发件人|寄件者|寄件人|差出人|보낸 "
    "사람|보낸사람|kimden|gönderen|lähettäjä|"
    "feladó|odesílatel|odosielateľ|mittente|remetente|expéditeur|remitente|από|từ|מאת|من|expeditor|dari|de "
    "la|"
    "saatja|no|nuo|발신|발신자|발신인|afzender|šalje|pošiljatelj|pošiljatel|absender|nadawca|отправитель|"
    "avsändare|avsender|"
    "afsender|"
    "送信者|寄信人|发信人|จาก|sender|emisor|desde|remitent|"
    "expeditorul|від кого|送信元";

constexpr std::string_view kLabels =
    "sent|date|to|subject|thema|cc|reply-to|organization|sent "
    "at|received|importance|attachments|bcc|gesendet|datum|an|betreff|"
    "kopie|gesendet am|wichtigkeit|anlagen|antwort an|envoyé|envoyé le|date d'envoi|à|objet|a|copie|copie à|"
    "importance|enviado|enviado el|enviada|enviado em|enviada em|enviado a "
    "las|fecha|para|asunto|assunto|data|"
    "cópia|copia|importância|importancia|adjuntos|anexos|inviato|inviato "
    "il|oggetto|destinatario|destinatário|"
    "destinataire|verzonden|aan|onderwerp|verstuurd|skickat|till|ämne|skickat "
    "den|kopia|sendt|til|emne|dato|kopi|"
    "vedr|wysłano|wysłane|do|temat|dw|kopia|data wysłania|отправлено|дата|кому|тема|копия|дата "
    "отправки|надіслано|"
    "копія|发送时间|收件人|主题|抄送|日期|发送日期|傳送時間|寄件日期|收件者|主旨|副本|寄件時間|送信日時|日時|"
    "宛先|件名|"
    "日付|送信日|보낸 날짜|날짜|보낸날짜|받는 "
    "사람|받는사람|수신|수신자|수신인|제목|참조|일시|gönderildi|tarih|kime|konu|bilgi|"
    "gönderme tarihi|gönderilme "
    "tarihi|kk|lähetetty|päivämäärä|vastaanottaja|aihe|kopio|odesláno|komu|předmět|"
    "odoslané|dátum|predmet|kópia|küldve|címzett|tárgy|másolat|elküldve|στάλθηκε|ημερομηνία|προς|θέμα|κοιν|"
    "κοινοποίηση|ngày|đến|tới|chủ đề|gửi|đã "
    "gửi|נשלח|אל|נושא|תאריך|עותק|trimis|către|subiect|prima|poslano|za|"
    "primatelj|datum slanja|изпратено|до|относно|копие|إلى|تاريخ|الموضوع|تاريخ "
    "الإرسال|نسخة|kepada|tanggal|perihal|"
    "dikirim|kuupäev|teema|saadetud|kellele|kam|datums|temats|nosūtīts|kas|išsiųsta|tema|ถึง|วันที่|เรื่อง|per|"
    "assumpte|enviat|folgt|"
    "sujet|naslov|送信先|日付|dată|päiväys|gönderilen|відправлено|pour|adresat|pre|destinatarul|subiectul|"
    "másolatot kap|kopie (cc)|antwort an|odpověď na|odgovori na|svar til|svara till|antwoord "
    "aan|vastaus|répondre à|válaszcím|rispondi a|odpowiedź-do|responder a|răspuns "
    "către|ответ-кому|odpovedať-pre|yanıt adresi|кому відповісти|data da mensagem|sent on|date sent";

constexpr std::string_view kSubjects =
    "subject|betreff|thema|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|vedr|temat|тема|主题|主旨|件名|"
    "제목|"
    "konu|aihe|"
    "předmět|predmet|tárgy|θέμα|chủ đề|נושא|subiect|относно|الموضوع|perihal|teema|temats|tema|เรื่อง|assumpte|"
    "sujet|naslov|subiectul";

// «Date: …», «Subject: …» first: Hotmail, GMX and old programs.
constexpr std::string_view kFirstLabels =
    "date|to|subject|datum|sent|gesendet|betreff|envoyé|enviado|enviada|inviato|verzonden|skickat|sendt|"
    "wysłano|"
    "отправлено|дата|data|fecha|dato|发送时间|日期|送信日時|日時|lähetetty|objet|oggetto|asunto|assunto|"
    "temat|тема|"
    "onderwerp|ämne|emne|主题|件名|제목|보낸 날짜|날짜|odesláno|předmět|konu|tarih|an|à|para|aan|an";

constexpr std::string_view kOriginals =
    "original message|original email|original mail|original|ursprüngliche nachricht|ursprüngliche mail|"
    "ursprüngliche e-mail|originalnachricht|original-nachricht|original nachricht|originale "
    "nachricht|message original|"
    "message d'origine|message d’origine|e-mail d'origine|mensaje original|correo original|mensagem original|"
    "messaggio originale|messaggio originario|oorspronkelijk bericht|oorspronkelijke bericht|origineel "
    "bericht|"
    "ursprungligt meddelande|mail original|e-mail original|courriel original|orjinal mesaj|replied "
    "message|originalmeddelande|oprindelig meddelelse|oprindelig besked|original meddelelse|"
    "opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|wiadomość źródłowa|"
    "treść oryginalnej wiadomości|исходное сообщение|оригинальное сообщение|початкове повідомлення|"
    "оригінальне повідомлення|původní zpráva|původní e-mail|původní email|pôvodná správa|eredeti "
    "üzenet|orijinal mesaj|"
    "orijinal ileti|özgün ileti|原始邮件|原始郵件|邮件原件|原邮件|原始信件|回复的原邮件|元のメッセージ|"
    "original message follows|원본 메시지|원본 메일|원본 이메일|원본메일|reply message|αρχικό μήνυμα|mesaj "
    "original|"
    "mesajul original|tin nhắn gốc|thư gốc|antwort nachricht|originalna poruka|оригинално съобщение|missatge "
    "original|"
    "pesan asli|reply above this line|please reply above this line|الرسالة الأصلية|הודעה מקורית|reply|応答";

constexpr std::string_view kForwards =
    "forwarded message|forwarded mail|forwarded by|begin forwarded message|weitergeleitete "
    "nachricht|weitergeleitete mail|"
    "anfang der weitergeleiteten|message transféré|message transmis|message réexpédié|début du message|"
    "mensaje reenviado|inicio del mensaje reenviado|mensagem encaminhada|mensagem reencaminhada|início da "
    "mensagem|"
    "messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht|"
    "vidarebefordrat meddelande|vidarebefordrat brev|videresendt|start på videresendt|"
    "пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение|начало переадресованного "
    "сообщения|"
    "переслане повідомлення|przekazana wiadomość|wiadomość przekazana|początek przekazywanej wiadomości|"
    "转发邮件信息|转发的消息|转发邮件|转发的邮件|以下是转发的邮件|轉寄郵件|以下是轉寄的郵件|轉寄的郵件|"
    "転送メッセージ|"
    "転送されたメッセージ|edelleenlähetetty viesti|välitetty viesti|přeposlaná zpráva|začátek přeposílané "
    "zprávy|"
    "preposlaná správa|i̇letilmiş mesaj|iletilmiş mesaj|yönlendirilmiş mesaj|i̇letilen ileti|iletilen "
    "ileti|전달된 메시지|"
    "전달된 메일|továbbított üzenet|mesaj redirecționat|προωθημένο μήνυμα|missatge reenviat|proslijeđena "
    "poruka|"
    "препратено съобщение|הודעה שהועברה|رسالة معاد توجيهها|thư chuyển tiếp|pesan terusan|fwd|"
    "započni proslijeđenu poruku|továbbított levél|începe mesajul redirecționat|začiatok "
    "preposlanej|vidarebefordrat mejl|i̇leti başlangıcı|початок листа, що";

constexpr std::string_view kSent =
    "sent from my |sent from mobile|sent from a phone|sent from mail |sent from mail<|"
    "sent from outlook|sent from yahoo|sent from samsung|sent from gmail|sent from proton|"
    "sent from iphone|sent from ipad|sent from android|sent via |sent using |get outlook for |"
    "sent from blue|sent from a |sent with |sent on the go|sent by |sent from mailbox|"
    "yahoo mail: search|sent from spark|sent from typeapp|from my iphone|from my ipad|from my android|von "
    "meinem |"
    "von unterwegs gesendet|von samsung mobile |gesendet von |gesendet mit |"
    "diese nachricht wurde von meinem|envoyé de mon|envoyé depuis |envoyé à partir d|envoyé avec |"
    "obtenez outlook pour|télécharger outlook pour|obtenir outlook pour|enviado desde |enviado do |"
    "enviado via |enviado a partir |enviado con proton|enviado com |enviado de mi|enviado a través de "
    "|obtener outlook para|obter o outlook para|"
    "baixe o outlook para|inviato da|verzonden vanaf|verstuurd vanaf|verzonden vanuit|skickat från|"
    "skickades från|sendt fra|wysłane z|wysłano z|odesláno z|odoslané z|отправлено с |отправлено со |"
    "отправлено из |надіслано з |发自我的|发自qq|发自 |發自我的|来自我的|寄自我的|從我的|从我的|outlook für "
    "|простите за "
    "краткость";

// With a device behind or before it: «Gesendet von …» in other languages, «Outlook für iOS beziehen».
constexpr std::string_view kDeviceBegins =
    "hämta outlook|skaffa outlook|hent outlook|få outlook|skaff deg outlook|last ned outlook|"
    "hanki outlook|lataa outlook|získat outlook|stáhnout outlook|scarica outlook|ottieni outlook|"
    "descargar outlook|download outlook|outlook voor ios|outlook voor android|holen sie sich outlook|"
    "laden sie outlook|скачать outlook|получить outlook|завантажити outlook|获取 "
    "outlook|获取适用于|发送自|来自网易|获取outlook|"
    "outlook for ios|outlook for android|elküldve |küldve |obter outlook|poslané |στάλθηκε από |"
    "trimis de pe |trimis din |enviat des |נשלח מ|أُرسلت من |أرسلت من |تم الإرسال من |dikirim dari |"
    "đã gửi từ |gửi từ |poslano s |poslano z |poslané z |изпратено от |ส่งจาก|saadetud |išsiųsta iš |"
    "nosūtīts no |ios için |android için |windows için |inviata da |envoyée depuis |envoyé par |"
    "gesendet |skrevet på |skrivet på |geschrieben |written |typed |provenance : |lähetetty |"
    "sendt med|skickat med|verzonden via|verzonden met|verstuurd via|下載 ios|下載 android|下载 ios|取得 "
    "ios|取得 android|"
    "pobierz program outlook|pobierz aplikację outlook|pobierz outlook";

constexpr std::string_view kSentEnds =
    "から送信|から送信されました|에서 보냈습니다|에서 보냈습니다.|에서 보냄|에서 보낸 메일|에서 보낸|에서 "
    "전송|에서 "
    "발송|傳送|发送|發送|寄出|寄送|gönderildi|"
    "gönderilmiştir|を入手|を入手する|다운로드|얻기|다운로드하기|gesendet|gesendet.|herunterladen|beziehen|"
    "downloaden|"
    "ophalen|edinin|indirin|gönderildi.";

constexpr std::string_view kDevices =
    "iphone|iphon|ipad|ipod|ios|android|galaxy|samsung|huawei|xiaomi|redmi|oneplus|pixel|nokia|blackberry|"
    "windows|"
    "outlook|"
    "yahoo|k-9|proton|gmail|smartphone|handy|mobil|phone|tablet|telefon|téléphone|teléfono|móvil|手机|手機|"
    "携帯|xperia|갤럭시|메일|"
    "スマートフォン|휴대폰|телефон|smartfon|mail.ru|mailapp|mail app|macbook|icloud|apple watch|小米|华为";

// ٠–٩, ۰–۹, ０–９ as ASCII; '\0': none stands in front.
char foreignDigit(std::string_view text) {
    if (text.size() >= 2 && (text[0] == '\xD9' || text[0] == '\xDB')) {
        const int first = text[0] == '\xD9' ? 0xA0 : 0xB0;
        const int digit = static_cast<unsigned char>(text[1]) - first;
        if (digit >= 0 && digit <= 9) return static_cast<char>('0' + digit);
    }
    if (text.size() >= 3 && text.starts_with("\xEF\xBC")) {
        const int digit = static_cast<unsigned char>(text[2]) - 0x90;
        if (digit >= 0 && digit <= 9) return static_cast<char>('0' + digit);
    }
    return '\0';
}

template <class Test>
bool any(const std::vector<std::string_view>& words, Test test) {
    return std::any_of(words.begin(), words.end(), test);
}

}  // namespace

WordList::WordList(std::string_view words) {
    while (!words.empty()) {
        const auto end = std::min(words.find('|'), words.size());
        if (end > 0) words_.push_back(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    set_.insert(words_.begin(), words_.end());
}

bool WordList::begins(std::string_view text) const {
    return any(words_, [&](std::string_view word) { return text.starts_with(word); });
}

bool WordList::ends(std::string_view text) const {
    return any(words_, [&](std::string_view word) {
        if (text.size() <= word.size() || !text.ends_with(word)) return false;
        const char before = text[text.size() - word.size() - 1];
        // Scripts without spaces: «10:11写道».
        if ((word.front() & 0x80) != 0) return true;
        return !isLetter(before) && !isDigit(before);
    });
}

bool WordList::isInside(std::string_view text) const {
    return any(words_, [&](std::string_view word) {
        if (word.front() != ' ') return contains(text, word);
        // Its first letter is rarer than a space.
        word.remove_prefix(1);
        for (auto at = text.find(word, 1); at != std::string_view::npos; at = text.find(word, at + 1)) {
            if (text[at - 1] == ' ') return true;
        }
        return false;
    });
}

bool WordList::endsAnyhow(std::string_view text) const {
    return any(words_, [&](std::string_view word) { return text.ends_with(word); });
}

const QuoteWords& quoteWords() {
    static const QuoteWords words{WordList(kVerbs),       WordList(kInnerVerbs),  WordList(kBegins),
                                  WordList(kWholeBegins), WordList(kFrom),        WordList(kLabels),
                                  WordList(kSubjects),    WordList(kFirstLabels), WordList(kOriginals),
                                  WordList(kForwards),    WordList(kSent),        WordList(kDeviceBegins),
                                  WordList(kSentEnds),    WordList(kDevices)};
    return words;
}

std::string foldWords(std::string_view text) {
    if (std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; })) return lowered(text);
    std::string out;
    icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())))
        .toLower(icu::Locale::getRoot())
        .toUTF8String(out);
    return out;
}

std::string withoutInvisible(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        // U+00A0.
        if (rest.starts_with("\xC2\xA0")) {
            out.push_back(' ');
            ++i;
            continue;
        }
        if (const char digit = foreignDigit(rest); digit != '\0') {
            out.push_back(digit);
            i += rest[0] == '\xEF' ? 2 : 1;
            continue;
        }
        if (rest.size() >= 3 && (rest[0] == '\xE2' || rest[0] == '\xEF' || rest[0] == '\xE3')) {
            const auto code = ((rest[0] & 0x0F) << 12) | ((rest[1] & 0x3F) << 6) | (rest[2] & 0x3F);
            const bool is_hidden = (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
                                   (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF;
            const bool is_space = (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x3000;
            const bool is_dash = code >= 0x2010 && code <= 0x2012;
            if (code == 0xFF1E && out.find_first_not_of(' ') == std::string::npos) {
                // «＞», the quote mark of keyboards for Japanese.
                out.push_back('>');
                i += 2;
                continue;
            }
            // «10∶11», the ratio of Evolution.
            if (code == 0x2236) {
                out.push_back(':');
                i += 2;
                continue;
            }
            if (is_space) out.push_back(' ');
            if (is_dash) out.push_back('-');
            if (is_hidden || is_space || is_dash) {
                i += 2;
                continue;
            }
        }
        out.push_back(text[i]);
    }
    return out;
}

}  // namespace signalbox::mime
