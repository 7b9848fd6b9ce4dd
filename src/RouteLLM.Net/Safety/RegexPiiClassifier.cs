using System.Text.RegularExpressions;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Finds common personal data and secrets by regular expressions, with check digits where they have some.</summary>
/// <remarks>
/// <para>
/// Kinds: <c>email</c>, <c>phone</c> (international, North American, and numbers after a word such as "phone"), <c>credit-card</c> (Luhn), <c>iban</c> (ISO 7064), <c>us-ssn</c>, <c>uk-nino</c>, <c>jp-my-number</c> (check digit),
/// <c>ip-address</c>, <c>birth-date</c> (after a word such as "born"), <c>passport</c> (after that word) and <c>secret</c> (keys, tokens, private keys). A signal's category is <c>pii.</c> and the kind.
/// </para>
/// <para>Names, postal addresses and what is written out in words are not found: that takes a model, which can be plugged in beside this. All text that a provider would see is searched.</para>
/// </remarks>
public sealed class RegexPiiClassifier : IRequestClassifier
{
    private readonly (string Kind, Regex Pattern, Func<string, bool>? IsValid)[] _patterns;

    /// <summary>Initializes a new instance of the <see cref="RegexPiiClassifier"/> class.</summary>
    /// <param name="kinds">The kinds to look for, or none for all.</param>
    /// <exception cref="ArgumentException">A kind is not known; the message lists those that are.</exception>
    public RegexPiiClassifier(params IEnumerable<string> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        string[] wanted = [.. kinds];
        if (Array.Find(wanted, static kind => !Kinds.Contains(kind)) is { } unknown)
        {
            throw new ArgumentException($"There is no kind '{unknown}'; there are: {string.Join(", ", Kinds)}.", nameof(kinds));
        }

        _patterns = wanted.Length == 0 ? PiiPatterns.All : [.. PiiPatterns.All.Where(pattern => wanted.Contains(pattern.Kind))];
    }

    /// <summary>Gets the kinds that are known.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. PiiPatterns.All.Select(static pattern => pattern.Kind)];

    /// <inheritdoc/>
    public string Name => "regex-pii";

    /// <summary>Finds personal data in a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>What was found, one signal a kind.</returns>
    /// <exception cref="RegexMatchTimeoutException">A text took a pattern longer than a second.</exception>
    public IReadOnlyList<RequestSignal> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Find([text]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RequestSignal>> ClassifyAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<RequestSignal>>(cancellationToken)
            : new(Find(RequestClassifier.GetTexts(request)));
    }

    private List<RequestSignal> Find(IEnumerable<string> texts)
    {
        int[] counts = new int[_patterns.Length];
        foreach (string text in texts)
        {
            for (int i = 0; i < counts.Length; i++)
            {
                (_, Regex pattern, Func<string, bool>? isValid) = _patterns[i];
                foreach (ValueMatch match in pattern.EnumerateMatches(text))
                {
                    counts[i] += isValid is null || isValid(text.Substring(match.Index, match.Length)) ? 1 : 0;
                }
            }
        }

        var signals = new List<RequestSignal>();
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                signals.Add(new($"pii.{_patterns[i].Kind}", Count: counts[i]));
            }
        }

        return signals;
    }
}
