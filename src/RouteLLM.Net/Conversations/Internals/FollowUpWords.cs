using System.Collections.Frozen;
using System.Globalization;

namespace RouteLLM.Internals;

/// <summary>Tells follow-ups by word lists.</summary>
internal static class FollowUpWords
{
    // What is longer, or has several lines, says something itself.
    private const int MaxLength = 64;
    private const int MaxWords = 8;

    // In scripts without blanks between words, a reference is looked for anywhere in a text that is this short.
    private const int MaxUnspacedLength = 14;

    private static readonly FrozenSet<string> s_courtesies = Set(
        "thanks|thank|thx|cheers|hi|hello|hey|bye|goodbye|danke|vielen dank|hallo|tschüss|merci|bonjour|salut|au revoir|gracias|hola|adiós|obrigado|obrigada|olá|grazie|ciao|bedankt|dank|dankjewel|dzięki|dziękuję|cześć|" +
        "спасибо|привет|пока|дякую|привіт|teşekkürler|teşekkür|merhaba|شكرا|مرحبا|धन्यवाद|शुक्रिया|नमस्ते");

    private static readonly FrozenSet<string> s_phrases = Set(
        "go on|go ahead|continue|please continue|continue please|carry on|keep going|proceed|more|more please|next|next one|next step|and then|and now|then what|what else|anything else|yes|yes please|yes do|yep|yeah|sure|no|nope|not yet|" +
        "again|try again|once more|one more|another|another one|retry|redo|undo|why|why not|why is that|how|how so|how come|so what|and|and what about|explain|please explain|elaborate|explain further|say more|tell me more|in more detail|more detail|more details|" +
        "shorter|longer|simpler|simplify|shorten|summarize|summarise|rephrase|translate|finish|finish up|go|run|commit|commit and push|push|ship|merge|deploy|retest|fix|continue where you left off|an example|for example|example please|give me an example|are you sure|really|" +
        "weiter|mach weiter|weitermachen|fahr fort|bitte weiter|ja|ja bitte|nein|nochmal|noch mal|noch einmal|nochmals|noch eins|warum|warum nicht|wieso|wie das|und dann|und jetzt|genauer|mehr|kürzer|länger|einfacher|ein beispiel|zum beispiel|erklär|erkläre|bist du sicher|" +
        "continue stp|continuez|vas-y|poursuis|oui|non|encore|encore une fois|encore un|la suite|pourquoi|pourquoi pas|comment ça|et ensuite|et après|plus court|plus long|plus de détails|un exemple|par exemple|tu es sûr|" +
        "continúa|continua|sigue|adelante|sí|si|otra vez|de nuevo|otro|por qué|por qué no|cómo|y ahora|y luego|más|más corto|más detalles|un ejemplo|por ejemplo|estás seguro|" +
        "continue por favor|prossiga|segue|sim|não|outra vez|outro|por quê|por que|por que não|e agora|e depois|mais|mais curto|mais detalhes|um exemplo|tem certeza|" +
        "vai avanti|avanti|prosegui|sì|di nuovo|ancora|ancora uno|un altro|perché|perché no|e poi|e adesso|più breve|più dettagli|un esempio|sei sicuro|" +
        "ga door|ga verder|doorgaan|verder|ja graag|nee|opnieuw|nog een|nog een keer|waarom|waarom niet|en dan|en nu|meer|korter|een voorbeeld|weet je het zeker|" +
        "dalej|kontynuuj|tak|nie|jeszcze raz|ponownie|dlaczego|czemu|dlaczego nie|i co dalej|więcej|krócej|przykład|na przykład|" +
        "дальше|продолжай|продолжи|давай|да|нет|ещё раз|еще раз|снова|ещё|еще|почему|почему нет|а дальше|и что дальше|подробнее|короче|пример|например|ты уверен|" +
        "далі|продовжуй|так|ні|ще раз|ще|чому|чому ні|детальніше|приклад|" +
        "devam|devam et|evet|hayır|tekrar|bir daha|neden|niye|niçin|sonra|daha fazla|daha kısa|örnek|emin misin|" +
        "أكمل|تابع|استمر|نعم|لا|مرة أخرى|لماذا|المزيد|مثال|" +
        "जारी रखो|जारी रखें|आगे|आगे बढ़ो|हाँ|हां|नहीं|फिर से|क्यों|और|उदाहरण|" +
        "继续|继续吧|请继续|接着|接着说|接下来|然后呢|是|是的|好|好的|不|不是|再来|再来一次|再试一次|为什么|为什么呢|怎么会|详细一点|简短一点|举个例子|下一个|下一步|你确定吗|繼續|請繼續|為什麼|" +
        "続けて|続けてください|続き|続きをお願いします|次|次へ|はい|いいえ|もう一度|もう一回|なぜ|なんで|どうして|それから|もっと|もっと詳しく|詳しく|短くして|例えば|例を挙げて|本当に|" +
        "계속|계속해|계속해줘|계속하세요|다음|네|아니요|아니|다시|다시 해봐|한번 더|왜|왜요|그래서|더|더 자세히|더 짧게|예를 들면|예시|정말");

    private static readonly FrozenSet<string> s_references = Set(
        "it|this|that|them|these|those|above|same|both|one|ones|latter|former|previous|" +
        "es|dies|diese|diesen|dieses|jenes|dasselbe|davon|damit|darüber|daran|dazu|ihn|obige|" +
        "ça|ca|cela|ceci|celui-ci|celle-ci|ceux-ci|le-moi|la-moi|fais-le|traduis-le|corrige-le|" +
        "eso|esto|esta|estas|estos|ese|esa|esos|hazlo|tradúcelo|corrígelo|explícalo|explícamelo|pruébalo|arréglalo|súbelo|resúmelo|bórralo|ejecútalo|" +
        "isso|isto|aquilo|nisso|disso|ele|ela|faça-o|" +
        "questo|questa|quello|quella|ciò|fallo|traducilo|correggilo|spiegalo|spiegamelo|riassumilo|eseguilo|" +
        "dit|dat|deze|hem|" +
        "tego|tym|tamto|" +
        "это|этот|эту|этого|этом|его|её|ее|их|то|" +
        "це|цей|цього|його|її|їх|" +
        "bunu|bunları|onu|onları|şunu|bu|şu|" +
        "هذا|هذه|ذلك|هو|هي|اختبره|ترجمه|اشرحه|" +
        "इसे|इसको|यह|ये|उसे|इसका|इन्हें");

    // Articles and prepositions too: they refer back at the end ("zrób to") or before a preposition ("übersetze das ins Englische").
    private static readonly FrozenSet<string> s_ambiguous = Set("das|die|den|het|to|je|ten|la|le|lo|los|les");
    private static readonly FrozenSet<string> s_prepositions = Set("in|ins|auf|zu|für|mit|naar|op|na|po|w|dla|en|a|al|para|em|per|con|pour|avec|au|by|with|for");

    // With a few words after it: "and in French?".
    private static readonly FrozenSet<string> s_openings = Set(
        "and|but|also|or|instead|und|aber|auch|oder|stattdessen|et|mais|aussi|ou|y|pero|también|o|e|mas|também|ma|anche|en|maar|ook|ale|też|а|и|но|тоже|та|але|теж|ve|ama|و|لكن|और|लेकिन");

    private static readonly string[] s_unspacedReferences =
        ["它", "这", "那", "這", "上面", "刚才", "提交", "それ", "これ", "あれ", "その", "この", "上の", "コミット", "그거", "그것", "이거", "이것", "이걸", "그걸", "저것", "방금", "커밋"];

    private static readonly string[] s_unspacedCourtesies = ["谢谢", "謝謝", "多谢", "感谢", "你好", "再见", "ありがとう", "こんにちは", "さようなら", "どうも", "감사", "고마워", "안녕"];

    /// <summary>Tells what a message is.</summary>
    public static TurnKind KindOf(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        if (trimmed.Length > MaxLength || trimmed.ContainsAny('\n', '`', '{'))
        {
            return TurnKind.Substance;
        }

        Span<char> normalized = stackalloc char[MaxLength];
        int length = Normalize(trimmed, normalized, out int words, out bool isUnspaced);
        ReadOnlySpan<char> plain = normalized[..length];
        if (length == 0)
        {
            return TurnKind.Courtesy;
        }

        if (isUnspaced)
        {
            return ContainsAny(plain, s_unspacedCourtesies) ? TurnKind.Courtesy
                : Has(s_phrases, plain) || (length <= MaxUnspacedLength && ContainsAny(plain, s_unspacedReferences)) ? TurnKind.FollowUp
                : TurnKind.Substance;
        }

        if (words > MaxWords)
        {
            return TurnKind.Substance;
        }

        bool refersBack = Has(s_phrases, plain);
        bool isFirst = true, isOpen = false;
        foreach (Range range in plain.Split(' '))
        {
            ReadOnlySpan<char> word = plain[range];
            if (Has(s_courtesies, word))
            {
                return TurnKind.Courtesy;
            }

            refersBack |= (isOpen && Has(s_prepositions, word)) || Has(s_references, word) || (isFirst && words <= MaxWords / 2 && Has(s_openings, word));
            isFirst = false;
            isOpen = Has(s_ambiguous, word);
        }

        return refersBack || (isOpen && words > 1) ? TurnKind.FollowUp : TurnKind.Substance;
    }

    private static FrozenSet<string> Set(string words) => words.Split('|').ToFrozenSet(StringComparer.Ordinal);

    private static bool Has(FrozenSet<string> set, ReadOnlySpan<char> text) => set.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text);

    private static bool ContainsAny(ReadOnlySpan<char> text, string[] parts)
    {
        foreach (string part in parts)
        {
            if (text.Contains(part, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the words in lower case, separated by single blanks, without punctuation.</summary>
    private static int Normalize(ReadOnlySpan<char> text, Span<char> target, out int words, out bool isUnspaced)
    {
        int length = 0;
        words = 0;
        isUnspaced = false;
        bool inWord = false;
        foreach (char c in text)
        {
            bool belongs = char.IsLetterOrDigit(c) || (inWord && c is '\'' or '’' or '-')
                || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark || char.IsSurrogate(c);
            if (belongs)
            {
                if (!inWord && words++ > 0)
                {
                    target[length++] = ' ';
                }

                target[length++] = char.ToLowerInvariant(c);
                isUnspaced |= c is (>= '\u3040' and <= '\u30ff') or (>= '\u3400' and <= '\u9fff') or (>= '\uac00' and <= '\ud7a3');
            }

            inWord = belongs;
        }

        return length;
    }
}
