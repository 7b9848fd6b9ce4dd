using System.Globalization;
using System.Text.RegularExpressions;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Sends requests that meet its conditions to a route, or gives them a threshold of their own or a shift of the usual one.</summary>
/// <remarks>
/// <para>
/// Conditions that are set must all hold; of a condition's several values one is enough. A rule has at least one condition, and exactly one of <see cref="Route"/>, <see cref="Threshold"/> and <see cref="Shift"/>. Rules are tried in order: the first
/// that names a route or a threshold ends it, shifts before it add up. A rule's route comes first and the others stay its fail-over targets; a threshold that the request asks for itself comes before a rule's.
/// </para>
/// <para>Thresholds and shifts are for policies that compare with a threshold; see <see cref="QualityPolicy"/> for what a shift means elsewhere.</para>
/// </remarks>
public sealed record RoutingRule
{
    /// <summary>Gets the rule's name in decisions, or <see langword="null"/>, the default, for its number.</summary>
    public string? Name { get; init; }

    /// <summary>Gets keywords and phrases, one of which the prompt has; how they match is told on <see cref="KeywordRule"/>.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Gets a regular expression of .NET that the prompt matches somewhere, case-sensitive unless it begins with <c>(?i)</c>; or <see langword="null"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Gets how long <see cref="Pattern"/> may take for a prompt. The default is 50 milliseconds; a rule that takes longer does not match, and the decision says so.</summary>
    public TimeSpan PatternTimeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets the least length of the prompt in code points, or <see langword="null"/>.</summary>
    public int? MinLength { get; init; }

    /// <summary>Gets the greatest length of the prompt in code points, or <see langword="null"/>.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Gets languages, one of which the prompt is in, as <see cref="PromptLanguage.Detect"/> names them: <c>ja</c>, <c>de</c>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>
    /// Gets what the request's <c>AdditionalProperties</c> hold, all of it: a value is compared as text, with regard to case, and <c>*</c> is any. Properties go on to the provider unless a policy's own.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets tenants, one of which the request belongs to.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [];

    /// <summary>Gets users, one of which the request belongs to.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Gets domains, one of which the prompt belongs to by its keywords, as <see cref="DomainRouter.DefaultDomains"/> names them: <c>math</c>, <c>code</c>.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Gets examples of prompts, to one of which the prompt is similar: a domain of your own. Compared by the embedder of <see cref="RoutedChatClientOptions.RuleEmbedder"/>.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Gets the cosine from which a prompt is similar to an example, in (0, 1]. The default is .5, which suits the hashed embedder; other embedders have other scales.</summary>
    public double MinSimilarity { get; init; } = 0.5;

    /// <summary>Gets the name of the route that requests go to, or <see langword="null"/>.</summary>
    public string? Route { get; init; }

    /// <summary>Gets the threshold that requests are compared with, in [0, 1], or <see langword="null"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>Gets what is added to the threshold of requests, in [-1, 1], or <see langword="null"/>: a positive shift sends fewer to stronger models.</summary>
    public double? Shift { get; init; }

    /// <summary>Gives what is wrong with the rule, each sentence saying what to change.</summary>
    /// <param name="name">What to call it.</param>
    internal IEnumerable<string> FindErrors(string name)
    {
        if ((Route is null ? 0 : 1) + (Threshold is null ? 0 : 1) + (Shift is null ? 0 : 1) != 1)
        {
            yield return $"{name} is to have exactly one of Route, Threshold and Shift.";
        }

        if (Threshold is not (null or (>= 0 and <= 1)))
        {
            yield return $"{name} has a Threshold of {Text(Threshold)}, but a threshold lies in [0, 1].";
        }

        if (Shift is not (null or (>= -1 and <= 1)))
        {
            yield return $"{name} has a Shift of {Text(Shift)}, but a shift lies in [-1, 1].";
        }

        if (!HasCondition)
        {
            yield return $"{name} has no condition, so it would match every request: set Keywords, Pattern, MinLength, MaxLength, Languages, Metadata, Tenants, Users, Domains or Examples.";
        }

        if (Keywords.Concat(Examples).Any(string.IsNullOrWhiteSpace))
        {
            yield return $"{name} has an empty keyword or example.";
        }

        if (Pattern is not null && FindPatternError() is { } patternError)
        {
            yield return $"{name} has a Pattern that is no regular expression: {patternError}";
        }

        if (PatternTimeout <= TimeSpan.Zero || PatternTimeout > TimeSpan.FromMinutes(1))
        {
            yield return $"{name} has a PatternTimeout of {PatternTimeout}, but it is positive and at most a minute.";
        }

        if (MinLength < 0 || MaxLength < 0 || MinLength > MaxLength)
        {
            yield return $"{name} has a MinLength of {MinLength?.ToString(CultureInfo.InvariantCulture) ?? "none"} and a MaxLength of {MaxLength?.ToString(CultureInfo.InvariantCulture) ?? "none"}; lengths are at least 0 and in that order.";
        }

        if (!(MinSimilarity is > 0 and <= 1))
        {
            yield return $"{name} has a MinSimilarity of {Text(MinSimilarity)}, but it lies in (0, 1].";
        }

        foreach (string domain in Domains.Where(static domain => !DomainRouter.DefaultDomains.Any(known => known.Name == domain)))
        {
            yield return $"{name} has the domain '{domain}', which there is not; there are: {string.Join(", ", DomainRouter.DefaultDomains)}. Use Keywords or Examples for one of your own.";
        }

        foreach (string language in Languages.Where(static language => !PromptLanguage.Languages.Contains(language)))
        {
            yield return $"{name} has the language '{language}', which is not recognised; there are: {string.Join(", ", PromptLanguage.Languages)}.";
        }
    }

    private bool HasCondition =>
        Keywords.Count + Languages.Count + Metadata.Count + Tenants.Count + Users.Count + Domains.Count + Examples.Count > 0 || Pattern is not null || MinLength is not null || MaxLength is not null;

    private static string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private string? FindPatternError()
    {
        try
        {
            _ = new Regex(Pattern!);
            return null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }
}
