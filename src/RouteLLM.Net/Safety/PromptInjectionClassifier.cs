using System.Text.RegularExpressions;

namespace RouteLLM;

/// <summary>Finds attempts at prompt injection by the phrases they are usually made with, in some ten languages.</summary>
/// <remarks>
/// <para>
/// What users wrote and what tools returned is looked at, not what the application or the model wrote: <see cref="RequestClassifier.GetTexts"/> without the messages of the roles system, developer and assistant. The
/// confidence of the signal, whose category is <see cref="Category"/>, is .6 to 1: a request that overrides earlier instructions or imitates the marks of a chat template is surer than one that asks for the system prompt or
/// for a role without rules.
/// </para>
/// <para>
/// On 60 made-up texts that the patterns were not written with in view, half of them attacks, its precision is 1 and its recall .57; on two lists that were in view, of 156 texts, 1 and .90 (the lists are in the tests). In 40,832
/// exam questions and chat prompts without any it finds one attack.
/// </para>
/// <para>A short prompt takes some 40 microseconds, 10,000 characters about a millisecond.</para>
/// <para>It stops what is copied, not who tries: whoever rewords an attack passes it. Use it beside limits on what tools may do, and an <see cref="IRequestClassifier"/> of your own where more is needed.</para>
/// </remarks>
public sealed partial class PromptInjectionClassifier : IRequestClassifier
{
    /// <summary>The category of the signal.</summary>
    public const string Category = "prompt-injection";

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;
    private const int PatternTimeout = 1_000;

    // What is to be ignored, in English: words that qualify it, and what it is called.
    private const string Which = @"(?:(?:all|any|every|of|the|your|my|our|its|these|those|in|developer'?s|system(?:'?s)?|original|initial|previous|prior|earlier|preceding|former|existing|above|safety|content)[\s,]{1,9}){0,6}";
    private const string Rules = @"(?:instructions?|rules|guidelines|directions|directives|(?:system\s)?prompts?|programming|training|commands|criteria|filters?|polic(?:y|ies)|system\smessage)";
    private const string Earlier = @"(?:previous|prior|earlier|preceding|former|original|initial|existing|above|system(?:'?s)?|safety|content|developer'?s|your|all|any)";

    private static readonly (double Score, Regex[] Patterns)[] s_rules =
    [
        (0.9, [Override, OverrideElsewhere, TemplateMark]),
        (0.7, [NewRules, NoLimits]),
        (0.6, [AsksForPrompt]),
    ];

    /// <inheritdoc/>
    public string Name => Category;

    [GeneratedRegex(
        @"\b(?:ignore|disregard|forget|override|bypass|supersede|disable|turn\soff|skip|break|(?:do|must)\s(?:not|no\slonger)\s(?:follow|obey)|stop\s(?:following|obeying))\s{1,9}(?:" +
        @"(?=(?:\S{1,20}\s{1,9}){0,5}?" + Earlier + @"\b)" + Which + Rules + @"\b(?!\s(?:of|for|on|in)\b)|the\sinstructions\syou|(?:everything|anything|all|the\stext|whatever)\s(?:above|before\sthis|you\s(?:were|have\sbeen)\stold|the\ssystem)|(?:the\s)?above\sand\sinstead|(?:prior|previous|earlier)\stext\b)|" +
        @"\b(?:all|any|none\sof)\s(?:of\s)?(?:your\s|the\s)?(?:previous|prior|earlier)\s" + Rules + @"\s(?:are\s(?:\w{1,12}\s)?(?:void|suspended|cancelled|outdated)|apply|no\slonger)",
        Options, PatternTimeout)]
    private static partial Regex Override { get; }

    [GeneratedRegex(
        @"(?:ignorier\w{0,3}|vergiss|missachte)\s(?:\w{1,20}\s){0,3}(?:(?:vorherigen|bisherigen|obigen|früheren)\s(?:anweisungen|regeln|instruktionen)|deine[n]?\s(?:regeln|anweisungen|system-?prompt))|" +
        @"(?:ignor(?:e|ez|a|á|i|are)|oublie[zs]?|olvida|esqueça|dimentica)\s(?:\w{1,20}\s){0,3}(?:instructions|consignes|règles|instrucciones|reglas|istruzioni|regole|instruções|regras)\s(?:précédentes|anteriores|previas|precedenti|ci-dessus|acima|del?\ssistema)|" +
        @"(?:忽略|无视|忘记|不要理会).{0,6}(?:之前|以前|以上|上面|前面|先前).{0,6}(?:指令|指示|提示|规则)|(?:以前|これまで|前|上記)の(?:すべての)?(?:指示|命令|ルール)(?:を|は).{0,6}(?:無視|忘れ)|" +
        @"(?:이전|위의?|지금까지의?)\s(?:모든\s)?(?:지시|명령|규칙)\w?\s?.{0,6}(?:무시|잊)|(?:игнорируй|забудь|не\sследуй)\w{0,3}\s(?:\w{1,20}\s){0,2}(?:(?:предыдущи[ем]|прежни[ем])\s(?:инструкци|указани|правил)|инструкци\w{1,3}\sвыше)",
        Options, PatternTimeout)]
    private static partial Regex OverrideElsewhere { get; }

    // A mark alone may be asked about: it is one if something follows that a chat would hold.
    [GeneratedRegex(
        @"</system>\s{0,9}\w|<\|(?:im_start|system|user|assistant)\|>\s{0,9}(?:system|user|assistant|developer)?\s{0,9}(?!(?:tokeni|mean|in|is|and|or|do)\w{0,12}\b)[\w'""]{2}|<\|im_end\|>\s{0,9}<\||\[INST\].{0,400}\[/INST\]|<<SYS>>.{0,400}<</SYS>>|" +
        @"^#{2,4}\s?(?:system|instruction)s?\s?:|""role""\s?:\s?""system""\s?,\s?""content""\s?:\s?""you\swill",
        Options | RegexOptions.Multiline, PatternTimeout)]
    private static partial Regex TemplateMark { get; }

    [GeneratedRegex(
        @"\b(?:following|new)\s(?:system\s)?instructions?\s(?:supersede|override|replace)|\bnew\sinstructions?\s?:\s?you\b|\bsystem\soverride\b|\bnew\ssystem\s(?:message|prompt)\s?:|\byour\s(?:new|real)\s(?:task|instruction)\sis\b|\bnew\stask\s?:|" +
        @"\byou\sare\snow\s(?:DAN\b|(?:an?\s|in\s)?(?:unrestricted|unfiltered|jailbroken))|\bdo\sanything\snow\b|\bDAN\smode\b|\bjailbreak\syourself\b|\byou\s(?:have|are\sunder)\sno\s(?:content\spolicy|restrictions|rules|guidelines)|\bhave\sno\slimits\b|" +
        @"\b(?:ai|assistant|model|ai\sagents?[^.:\r\n]{0,30})\s?:\s(?:do\snot|forward|instead|reply|send|approve|ignore|override)\b|\bskip\sall\s(?:safety|security)\schecks\b|\bsafety\s(?:guidelines|rules)\s(?:don'?t|do\snot)\s(?:exist|apply)|\bpolicies\sare\s(?:suspended|void)",
        Options, PatternTimeout)]
    private static partial Regex NewRules { get; }

    [GeneratedRegex(
        @"\b(?:act|pretend|behave|answer|respond|you\sare\snow)\b[^.\r\n]{0,40}\b(?:without|no|free\sof|free\sfrom|unrestricted|unfiltered)\b(?:\s{1,9}(?:any|ethical|moral|safety|content|all)){0,4}\s{1,9}(?:restrictions|rules|guidelines|limits|filters|limitations|AI)\b|" +
        @"\bdeveloper\smode\b[^.\r\n]{0,30}\b(?:without|restrictions|unlock)|\b(?:antworte|handle)\w?\sohne\s(?:einschränkungen|regeln|filter)|\b(?:responda?|actúa)\ssi?[nm]\s(?:filtros?|restricciones|reglas|restrições)|отвечай\sбез\sограничений",
        Options, PatternTimeout)]
    private static partial Regex NoLimits { get; }

    [GeneratedRegex(
        @"\b(?:print|reveal|show|repeat|output|display|tell\sme|leak|translate|copy|what\s(?:is|are|were|'s))\b[^.?!\r\n]{0,40}?\b(?:your\s(?:(?:hidden|secret|initial|original|exact|full)\s){0,2}(?:system\s|developer\s)?(?:prompt|instructions|message)|(?:rules|instructions)\syou\swere\sgiven)\b(?!\s(?:is|are|was)\b)|" +
        @"\b(?:print|reveal|show|repeat|output|display|leak)\b(?:\s(?:me|us|all|of|the|exact|full|verbatim)){0,5}\s(?:(?:hidden|secret|system)\s){1,3}(?:prompt|instructions?)\b(?!\s(?:is|are|was|for)\b)|" +
        @"\b(?:repeat|print|output)\s(?:the\stext|all\swords|all\stext|everything|the\swords)\sabove\b(?!\sin\s(?:two|one|a\sfew))|\b(?:your|deine[nr]?|ton|votre|tu|tuo|seu)\s(?:system\s?prompt|prompt\s(?:syst[èe]me|de\ssistema))\b|系统提示词?.{0,4}(?:输出|告诉)|(?:输出|告诉我)你的系统提示|システムプロンプト.{0,8}(?:表示|教え)|시스템\s프롬프트.{0,4}출력",
        Options, PatternTimeout)]
    private static partial Regex AsksForPrompt { get; }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RequestSignal>> ClassifyAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        double score = 0;
        foreach (string text in RequestClassifier.GetForeignTexts(request))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<IReadOnlyList<RequestSignal>>(cancellationToken);
            }

            score = Math.Max(score, Score(text));
        }

        return new(score > 0 ? [new(Category, score)] : []);
    }

    /// <summary>Scores a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>How sure it is that the text attempts an injection, in [0, 1]; 0 if nothing was found.</returns>
    /// <exception cref="RegexMatchTimeoutException">The text took a pattern longer than a second.</exception>
    public static double Score(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        double none = 1;
        foreach ((double score, Regex[] patterns) in s_rules)
        {
            // Several signs make it surer.
            none *= Array.Exists(patterns, pattern => pattern.IsMatch(text)) ? 1 - score : 1;
        }

        return 1 - none;
    }
}
