using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace RouteLLM;

/// <summary>Recognises the language of a prompt by its script, and among languages in Latin script by their most frequent words.</summary>
/// <remarks>It is coarse: a prompt without frequent words, such as a list of names, is of no language, and so is one that is mostly code. A language that is missing is taken for none, or now and then for a relative.</remarks>
public static class PromptLanguage
{
    private static readonly (string Language, string Words)[] s_words =
    [
        ("en", "the of and to is in that it for you was with on are this be have from or an by not what but how do does can i my me your would there which please if will about write explain who why when where give tell make between find"),
        ("de", "der die das und ist nicht ein eine einen ich zu den mit von auf für wie was sich dem es im auch als bei oder werden kann wird mir bitte schreibe erkläre warum zum zur sind über einem einer man wir sie des welche wo gibt"),
        ("fr", "le la les et est une des que pour dans qui sur pas je vous ce du au avec plus nous il elle sont comment être cette mon ma moi quelle quel pourquoi peux écris expliquez expliquer explique ou aux en un de à quels"),
        ("es", "el la los las y es una que para en del con por no se como cómo qué un su más lo me al está son esta mi puedes escribe explica cuál cuáles entre sobre qué de hay dime por"),
        ("pt", "o os as e é uma que para em do da com por não se como um sua mais ao dos das está são esta meu você pode escreva explique qual quais entre sobre de na no nos me à isso"),
        ("it", "il lo gli e è una che per di del della con non si come un sono più questo nel alla dei le mi puoi scrivi spiega qual quale quali perché tra cosa i da la su dal sul in"),
        ("nl", "de het een en is van niet dat ik op te voor met zijn je wat hoe aan er maar om ook als bij kan mijn schrijf waarom naar uit deze dit over leg uit welke wie"),
        ("sv", "och är att det en ett som på för med inte jag av till den har hur vad kan du om eller skriv förklara varför från mellan"),
        ("pl", "i w na jest nie się z że do to jak co czy dla o po od przez ale są napisz wyjaśnij dlaczego jaka jakie jaki między mi"),
        ("tr", "ve bir bu için ile ne nasıl mı mi da de çok daha olarak olan var değil neden bana yaz açıkla nedir hangi arasındaki kadar"),
        ("vi", "là và của có không cho một các được trong này tôi bạn hãy như với thế nào những viết giải thích gì tại sao"),
        ("id", "yang dan di ini itu untuk dengan tidak dari adalah apa bagaimana saya kamu ke pada bisa akan tolong jelaskan mengapa tulis antara"),
    ];

    private static readonly FrozenDictionary<string, ulong> s_languagesByWord = s_words
        .SelectMany(static (entry, index) => entry.Words.Split(' ').Distinct().Select(word => (Word: word, Bit: 1UL << index)))
        .GroupBy(static entry => entry.Word, StringComparer.OrdinalIgnoreCase)
        .ToFrozenDictionary(static group => group.Key, static group => group.Aggregate(0UL, static (bits, entry) => bits | entry.Bit), StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, ulong>.AlternateLookup<ReadOnlySpan<char>> s_bySpan = s_languagesByWord.GetAlternateLookup<ReadOnlySpan<char>>();

    // What only one of the languages in Latin script writes, or nearly so.
    private static readonly (char Letter, string Language)[] s_letters =
        [('ß', "de"), ('ñ', "es"), ('¿', "es"), ('¡', "es"), ('ã', "pt"), ('õ', "pt"), ('ł', "pl"), ('ż', "pl"), ('ś', "pl"), ('ę', "pl"), ('ą', "pl"), ('ğ', "tr"), ('ı', "tr"), ('ş', "tr"), ('å', "sv"), ('đ', "vi"), ('ư', "vi"), ('ơ', "vi")];

    private static readonly (int First, int Last, string Language)[] s_scripts =
    [
        (0x0370, 0x03FF, "el"), (0x0400, 0x04FF, "ru"), (0x0590, 0x05FF, "he"), (0x0600, 0x06FF, "ar"), (0x0900, 0x097F, "hi"), (0x0E00, 0x0E7F, "th"),
        (0x3040, 0x30FF, "ja"), (0x31F0, 0x31FF, "ja"), (0x4E00, 0x9FFF, "zh"), (0x1100, 0x11FF, "ko"), (0xAC00, 0xD7A3, "ko"),
    ];

    // What Russian and Arabic do not write.
    private static readonly SearchValues<char> s_ukrainian = SearchValues.Create("іїєґІЇЄҐ");
    private static readonly SearchValues<char> s_persian = SearchValues.Create("پچژگکی");

    /// <summary>Gets the languages that are recognised, by their ISO 639-1 codes.</summary>
    public static IReadOnlyList<string> Languages { get; } = [.. s_words.Select(static entry => entry.Language), .. s_scripts.Select(static script => script.Language).Distinct(), "uk", "fa"];

    /// <summary>Recognises a prompt's language.</summary>
    /// <param name="prompt">The prompt; its first 2,000 characters are looked at.</param>
    /// <returns>The language's ISO 639-1 code, or <see langword="null"/> if it is not clear.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prompt"/> is <see langword="null"/>.</exception>
    public static string? Detect(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        const int Most = 2_000;
        ReadOnlySpan<char> text = prompt.Length <= Most ? prompt : prompt.AsSpan(0, Most);
        Span<int> scripts = stackalloc int[s_scripts.Length];
        int latin = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int index = Array.FindIndex(s_scripts, script => rune.Value >= script.First && rune.Value <= script.Last);
            if (index >= 0)
            {
                scripts[index]++;
            }
            else if (Rune.IsLetter(rune))
            {
                latin++;
            }
        }

        return DetectByScript(text, scripts, latin) ?? (latin > 0 ? DetectByWords(text) : null);
    }

    private static string? DetectByScript(ReadOnlySpan<char> text, ReadOnlySpan<int> scripts, int latin)
    {
        int best = 0, total = 0;
        bool hasKana = false;
        for (int i = 0; i < scripts.Length; i++)
        {
            total += scripts[i];
            best = scripts[i] > scripts[best] ? i : best;
            hasKana |= scripts[i] > 0 && s_scripts[i].Language == "ja";
        }

        // A sentence in one of these scripts may name things in Latin letters; an ideograph says more than a letter.
        if (total == 0 || total * 3 < latin)
        {
            return null;
        }

        return s_scripts[best].Language switch
        {
            "zh" when hasKana => "ja",
            "ru" when text.ContainsAny(s_ukrainian) => "uk",
            "ar" when text.ContainsAny(s_persian) => "fa",
            string language => language,
        };
    }

    private static string? DetectByWords(ReadOnlySpan<char> text)
    {
        Span<double> scores = stackalloc double[s_words.Length];
        foreach (ValueMatchRange word in new Words(text))
        {
            if (s_bySpan.TryGetValue(text[word.Start..word.End], out ulong languages))
            {
                double share = 1.0 / ulong.PopCount(languages);
                for (int i = 0; i < scores.Length; i++)
                {
                    scores[i] += (languages & (1UL << i)) != 0 ? share : 0;
                }
            }
        }

        foreach ((char letter, string language) in s_letters)
        {
            if (text.Contains(letter))
            {
                scores[Array.FindIndex(s_words, entry => entry.Language == language)] += 1;
            }
        }

        int best = 0;
        bool isTied = false;
        for (int i = 1; i < scores.Length; i++)
        {
            isTied = scores[i] == scores[best] || (isTied && scores[i] < scores[best]);
            best = scores[i] > scores[best] ? i : best;
        }

        return scores[best] >= 1 && !isTied ? s_words[best].Language : null;
    }

    private readonly record struct ValueMatchRange(int Start, int End);

    /// <summary>The words of a text: runs of letters.</summary>
    private ref struct Words(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _end;

        public ValueMatchRange Current { get; private set; }

        public readonly Words GetEnumerator() => this;

        public bool MoveNext()
        {
            int start = _end;
            while (start < _text.Length && !char.IsLetter(_text[start]))
            {
                start++;
            }

            _end = start;
            while (_end < _text.Length && char.IsLetter(_text[_end]))
            {
                _end++;
            }

            Current = new(start, _end);
            return _end > start;
        }
    }
}
