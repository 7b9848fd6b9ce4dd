namespace RouteLLM;

/// <summary>Scores a prompt by the keywords in it: rules in order, and the first rule that matches gives the win probability.</summary>
/// <remarks>
/// The order of the rules decides, not where in the prompt the keywords stand nor how many there are, so exceptions come first and general rules after them.
/// How a keyword matches is told on <see cref="KeywordRule"/>.
/// </remarks>
/// <example>
/// <code>
/// var router = new KeywordRouter(
/// [
///     new KeywordRule(0.1, "fix the typos", "translate"),
///     new KeywordRule(0.9, "prove", "証明", "race condition"),
/// ]);
/// </code>
/// </example>
public sealed class KeywordRouter : IRouter
{
    private static readonly RouterMetadata s_metadata = new("keyword");

    private readonly KeywordRule[] _rules;
    private readonly KeywordMatcher _matcher;

    /// <summary>Initializes a new instance of the <see cref="KeywordRouter"/> class.</summary>
    /// <param name="rules">The rules, most important first; at least one.</param>
    /// <param name="defaultWinProbability">The win probability of a prompt that no rule matches, in [0, 1]. The default is 0: weak unless a rule says otherwise.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rules"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are no rules, or one is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="defaultWinProbability"/> is NaN or not in [0, 1].</exception>
    public KeywordRouter(IEnumerable<KeywordRule> rules, double defaultWinProbability = 0)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _rules = [.. rules];
        if (_rules.Length == 0)
        {
            throw new ArgumentException("A keyword router has at least one rule; got none.", nameof(rules));
        }

        if (Array.IndexOf(_rules, null) is >= 0 and int index)
        {
            throw new ArgumentException($"Rule number {index} is null.", nameof(rules));
        }

        DefaultWinProbability = Probability.Checked(defaultWinProbability);
        _matcher = new KeywordMatcher(_rules);
    }

    /// <summary>Gets the rules, most important first.</summary>
    public IReadOnlyList<KeywordRule> Rules => _rules.AsReadOnly();

    /// <summary>Gets the win probability of a prompt that no rule matches, in [0, 1].</summary>
    public double DefaultWinProbability { get; }

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<double>(cancellationToken)
            : new(FindRule(request.Prompt)?.WinProbability ?? DefaultWinProbability);
    }

    /// <summary>Finds the rule that a prompt is scored by.</summary>
    /// <param name="prompt">The prompt's text.</param>
    /// <returns>The first rule that matches, or <see langword="null"/> if none does.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prompt"/> is <see langword="null"/>.</exception>
    public KeywordRule? FindRule(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        int index = _matcher.FindFirstRule(prompt, _rules.Length);
        return index < 0 ? null : _rules[index];
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, s_metadata);
}
