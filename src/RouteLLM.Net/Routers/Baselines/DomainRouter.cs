namespace RouteLLM;

/// <summary>Scores a prompt by its domain (code, mathematics, law, small talk, ...), recognised by keywords and a few signs of structure.</summary>
/// <remarks>
/// The domains are tried in order, and the first that matches gives the win probability, as in <see cref="KeywordRouter"/>. A keyword says what a prompt is about
/// and little about how hard it is, which is why trained routers beat this one; it needs no training, and everyone can read why it decided.
/// </remarks>
/// <example>
/// <code>
/// var router = new DomainRouter(DomainRouter.DefaultDomains.Select(d => d.Name == "law" ? d.WithWinProbability(0.95) : d));
/// </code>
/// </example>
public sealed class DomainRouter : IRouter
{
    private static readonly RouterMetadata s_metadata = new("domain");

    private readonly PromptDomain[] _domains;
    private readonly KeywordMatcher _matcher;

    /// <summary>Initializes a new instance of the <see cref="DomainRouter"/> class with the <see cref="DefaultDomains"/>.</summary>
    public DomainRouter()
        : this(DefaultDomains)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="DomainRouter"/> class.</summary>
    /// <param name="domains">The domains, most important first, each with a name of its own; at least one.</param>
    /// <param name="defaultWinProbability">The win probability of a prompt of none of the domains, in [0, 1]. The default is .25, which goes with <see cref="DefaultDomains"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="domains"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are no domains, one is <see langword="null"/>, or two have the same name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="defaultWinProbability"/> is NaN or not in [0, 1].</exception>
    public DomainRouter(IEnumerable<PromptDomain> domains, double defaultWinProbability = 0.25)
    {
        ArgumentNullException.ThrowIfNull(domains);
        _domains = [.. domains];
        if (_domains.Length == 0)
        {
            throw new ArgumentException("A domain router has at least one domain; got none.", nameof(domains));
        }

        if (Array.IndexOf(_domains, null) is >= 0 and int index)
        {
            throw new ArgumentException($"Domain number {index} is null.", nameof(domains));
        }

        if (_domains.GroupBy(static domain => domain.Name).FirstOrDefault(static group => group.Count() > 1) is { } twins)
        {
            throw new ArgumentException($"Each domain has a name of its own; {twins.Count()} are named '{twins.Key}'.", nameof(domains));
        }

        DefaultWinProbability = Probability.Checked(defaultWinProbability);
        _matcher = new KeywordMatcher(_domains);
    }

    /// <summary>Gets the default domains, in order: editing, translation, proof, code, math, law, medicine, reasoning, science, small-talk.</summary>
    /// <remarks>
    /// Keywords are in English and the most frequent ones in some twenty other languages. The win probabilities are rounded mean ratings, per domain so recognised, of the chat prompts
    /// that the built-in router is trained on: how likely a strong model's answer is clearly better.
    /// </remarks>
    public static IReadOnlyList<PromptDomain> DefaultDomains { get; } = DefaultPromptDomains.Create();

    /// <summary>Gets the domains, most important first.</summary>
    public IReadOnlyList<PromptDomain> Domains => _domains.AsReadOnly();

    /// <summary>Gets the win probability of a prompt of none of the domains, in [0, 1].</summary>
    public double DefaultWinProbability { get; }

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<double>(cancellationToken)
            : new(FindDomain(request.Prompt)?.WinProbability ?? DefaultWinProbability);
    }

    /// <summary>Tells which domain a prompt belongs to.</summary>
    /// <param name="prompt">The prompt's text.</param>
    /// <returns>The domain's name, or <see langword="null"/> if it belongs to none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prompt"/> is <see langword="null"/>.</exception>
    public string? Classify(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return FindDomain(prompt)?.Name;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, s_metadata);

    private PromptDomain? FindDomain(string prompt)
    {
        // Keywords first: with a domain found, only the cues of those before it are left to look for.
        int byKeyword = _matcher.FindFirstRule(prompt, _domains.Length);
        int end = byKeyword < 0 ? _domains.Length : byKeyword;
        for (int i = 0; i < end; i++)
        {
            PromptDomain domain = _domains[i];
            if (domain.Cues != PromptCues.None && domain.Allows(prompt) && PromptCueDetector.HasAny(domain.Cues, prompt))
            {
                return domain;
            }
        }

        return byKeyword < 0 ? null : _domains[byKeyword];
    }
}
