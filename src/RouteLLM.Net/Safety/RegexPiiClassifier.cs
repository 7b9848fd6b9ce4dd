using System.Text.RegularExpressions;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Finds common personal data and secrets by regular expressions, with check digits where they have some.</summary>
/// <remarks>
/// <para>
/// Kinds: <c>email</c> (also spelled with "at" and "dot"), <c>phone</c> (international, North American, with a national prefix, or after a word such as "phone"), <c>credit-card</c> (issuer's length, Luhn), <c>iban</c> (ISO 7064),
/// <c>us-ssn</c>, <c>uk-nino</c>, <c>jp-my-number</c> (check digit), <c>national-id</c> (Brazil, France, Italy, Spain and Switzerland by check digits; driving licences, Aadhaar, BSN, PESEL and personnummer after that word),
/// <c>ip-address</c> (outside private networks), <c>birth-date</c> (after a word such as "born", from 1900 on), <c>passport</c> (after that word) and <c>secret</c> (keys, tokens, private keys, passwords after that word).
/// A signal's category is <c>pii.</c> and the kind.
/// </para>
/// <para>
/// Names, postal addresses and what is written out in words are not found: that takes a model, which can be plugged in beside this. All text that a provider would see is searched; digits of all scripts and full-width letters are read as ASCII.
/// </para>
/// <para>
/// On 152 made-up texts that the patterns were not written with in view, its precision is .96 and its recall .83, counted by text and kind; on three lists that were in view, of 352 texts, at least .99 and .95 (the lists are in the tests).
/// </para>
/// <para>A text takes about as long as it is: some 40 microseconds a short prompt, 2 milliseconds 10,000 characters.</para>
/// </remarks>
public sealed class RegexPiiClassifier : IRequestClassifier
{
    private readonly PiiKind[] _kinds;

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

        _kinds = [.. PiiPatterns.Kinds.Where(kind => wanted.Length == 0 || wanted.Contains(kind.Name))];
    }

    /// <summary>Gets the kinds that are known.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. PiiPatterns.Kinds.Select(static kind => kind.Name)];

    /// <inheritdoc/>
    public string Name => "regex-pii";

    /// <summary>Finds personal data in a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>What was found, one signal a kind.</returns>
    /// <exception cref="RegexMatchTimeoutException">A search of the text for one match took a pattern longer than a second.</exception>
    public IReadOnlyList<RequestSignal> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Find([text], CancellationToken.None);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RequestSignal>> ClassifyAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return new(Find(RequestClassifier.GetTexts(request), cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IReadOnlyList<RequestSignal>>(cancellationToken);
        }
    }

    private List<RequestSignal> Find(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        string[] plain = [.. texts.Select(PlainDigits.Of)];
        var signals = new List<RequestSignal>();
        foreach (PiiKind kind in _kinds)
        {
            int count = 0;
            foreach (string text in plain)
            {
                cancellationToken.ThrowIfCancellationRequested();
                count += kind.Count(text);
            }

            if (count > 0)
            {
                signals.Add(new($"pii.{kind.Name}", Count: count));
            }
        }

        return signals;
    }
}
