namespace RouteLLM;

/// <summary>Options of the safety signals that constrain where a request may go.</summary>
public sealed class SafetyOptions
{
    /// <summary>Gets the classifiers that look at each request; they run at the same time. None by default.</summary>
    public IList<IRequestClassifier> Classifiers { get; } = [];

    /// <summary>Gets what happens to what they find. All rules that match hold, so a request may have to go to a route with two tags. A signal of no rule's category is ignored.</summary>
    public IList<SafetyRule> Rules { get; } = [];

    /// <summary>Gets or sets how long each classifier may take. The default is 2 seconds; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets what happens when a classifier fails or is late. The default is <see cref="SafetyFailure.Refuse"/>.</summary>
    public SafetyFailure OnFailure { get; set; }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (Classifiers.Contains(null!))
        {
            yield return "A classifier of Safety is null.";
        }

        if (Rules.Count > 0 && Classifiers.Count == 0)
        {
            yield return $"Safety has rules and no classifiers: add a {nameof(RegexPiiClassifier)} or one of your own.";
        }

        if ((Timeout <= TimeSpan.Zero || Timeout.TotalMilliseconds >= uint.MaxValue) && Timeout != System.Threading.Timeout.InfiniteTimeSpan)
        {
            yield return $"The Timeout of Safety is {Timeout}, but a time limit is positive and less than 49 days.";
        }

        foreach (string error in Rules.SelectMany(static rule => rule is null ? ["A rule of Safety is null."] : rule.FindErrors()))
        {
            yield return error;
        }
    }
}
