using System.Text.RegularExpressions;

namespace RouteLLM;

/// <summary>Finds attempts at prompt injection by the phrases they are usually made with, in some ten languages.</summary>
/// <remarks>
/// <para>
/// What users wrote and what tools returned is looked at, not what the application or the model wrote: <see cref="RequestClassifier.GetTexts"/> without the messages of the roles system, developer and assistant. The
/// confidence of the signal, whose category is <see cref="Category"/>, is .6 to 1: a request that overrides earlier instructions or imitates the marks of a chat template is surer than one that asks for the system prompt or
/// for a role without rules.
/// </para>
/// <para>FIGURES</para>
/// <para>It stops what is copied, not who tries: whoever rewords an attack passes it. Use it beside limits on what tools may do, and an <see cref="IRequestClassifier"/> of your own where more is needed.</para>
/// </remarks>
public sealed partial class PromptInjectionClassifier : IRequestClassifier
{
    /// <summary>The category of the signal.</summary>
    public const string Category = "prompt-injection";

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;
    private const int PatternTimeout = 1_000;

    private static readonly (double Score, Regex[] Patterns)[] s_rules =
    [
        (0.9, [Override, OverrideElsewhere, TemplateMark]),
        (0.7, [NewRules, NoLimits]),
        (0.6, [AsksForPrompt]),
    ];

    /// <inheritdoc/>
    public string Name => Category;

    [GeneratedRegex(@"\b(?:ignore|disregard|forget|override|bypass|supersede|(?:do|must)\s+not\s+(?:follow|obey)|stop\s+(?:following|obeying))\s+(?:(?:all|any|every|everything|of|the|your|my|our|these|those|developer'?s|system|you\s+were\s+told|original|initial|in)\s+){0,5}(?:(?:previous|prior|earlier|above|preceding|before|former|original|initial|existing|safety|content|system)\b[\s,]*){0,2}(?:instructions?|rules|guidelines|directions|prompts?|programming|commands|filters?|polic(?:y|ies)|and\s+instead|before\s+and)\b", Options, PatternTimeout)]
    private static partial Regex Override { get; }

    [GeneratedRegex(@"(?:ignorier\w{0,3}|vergiss|missachte)\s(?:\w+\s){0,3}(?:vorherigen|bisherigen|obigen|früheren)\s(?:anweisungen|regeln|instruktionen)|ignor(?:e|ez|a|á|i|are)\s(?:\w+\s){0,3}(?:instructions|instrucciones|istruzioni|instruções)\s(?:précédentes|anteriores|previas|precedenti|ci-dessus)|忽略.{0,6}(?:之前|以前|上面|前面|先前).{0,6}(?:指令|指示|提示|规则)|(?:以前|これまで|前|上記)の(?:すべての)?(?:指示|命令|ルール).{0,6}無視|(?:игнорируй|забудь)\w*\s(?:\w+\s){0,2}(?:предыдущие|прежние)\s(?:инструкции|указания)", Options, PatternTimeout)]
    private static partial Regex OverrideElsewhere { get; }

    [GeneratedRegex(@"</?system>|<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[/?INST\].{0,400}\[/?INST\]|<<SYS>>|^#{2,4}\s?(?:system|instruction)s?\s?:", Options | RegexOptions.Multiline, PatternTimeout)]
    private static partial Regex TemplateMark { get; }

    [GeneratedRegex(@"\b(?:following|new)\s+(?:system\s+)?instructions?\s+(?:supersede|override|replace)|\bsystem\s+override\b|\bnew\s+system\s+(?:message|prompt)\s*:|\byou\s+are\s+now\s+(?:DAN\b|an?\s+(?:unrestricted|unfiltered|jailbroken))|\bdo\s+anything\s+now\b|\bjailbreak\s+yourself\b|\byou\s+(?:have|are\s+under)\s+no\s+(?:content\s+policy|restrictions|rules|guidelines)", Options, PatternTimeout)]
    private static partial Regex NewRules { get; }

    [GeneratedRegex(@"\b(?:act|pretend|behave|answer|respond|you\s+are\s+now)\b[^.\r\n]{0,40}\b(?:without|no|free\s+of|free\s+from|unrestricted|unfiltered)\b(?:\s+(?:any|ethical|moral|safety|content|all))*(?:\s+(?:restrictions|rules|guidelines|limits|filters|limitations|AI))\b|\bdeveloper\s+mode\b[^.\r\n]{0,30}\b(?:without|restrictions|unlock)", Options, PatternTimeout)]
    private static partial Regex NoLimits { get; }

    [GeneratedRegex(@"\b(?:print|reveal|show|repeat|output|display|tell\s+me|leak|what\s+(?:is|are|were))\b(?:\s+(?:me|us|all|of|the|your|its|exact|full|verbatim))*\s+(?:(?:hidden|secret|initial|original|system|developer)\s+)+(?:prompt|instructions?|message|rules)\b(?!\s+(?:is|are|was)\b)|\brepeat\s+(?:the|all)\s+(?:text|words)\s+above\b[^.\r\n]{0,40}(?:starting|you\s+are)|\bprint\s+everything\s+above\b|\b(?:your|deine[nr]?|ton|votre|tu|tuo|seu)\s+(?:system\s?prompt|prompt\s+syst[èe]me)\b", Options, PatternTimeout)]
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
