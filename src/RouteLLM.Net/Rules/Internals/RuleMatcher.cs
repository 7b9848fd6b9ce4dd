using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RouteLLM.Internals;

/// <summary>A rule made ready to be matched: its keywords indexed, its pattern compiled.</summary>
internal sealed class RuleMatcher
{
    private readonly KeywordMatcher? _keywords;
    private readonly Regex? _pattern;

    public RuleMatcher(RoutingRule rule, string name)
    {
        Rule = rule;
        Name = name;
        _keywords = rule.Keywords.Count > 0 ? new([new KeywordRule(0, rule.Keywords)]) : null;
        _pattern = rule.Pattern is null ? null : new Regex(rule.Pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, rule.PatternTimeout);
    }

    public RoutingRule Rule { get; }

    public string Name { get; }

    /// <summary>Tells whether all conditions hold but the similarity to examples, which takes an embedding; cheap ones first.</summary>
    /// <param name="request">The request.</param>
    /// <param name="facts">What was found out about the prompt for other rules.</param>
    /// <param name="timedOut">Whether the pattern took too long.</param>
    public bool Matches(RouteRequest request, ref PromptFacts facts, out bool timedOut)
    {
        timedOut = false;
        string prompt = request.Prompt;
        if ((Rule.Tenants.Count > 0 && !Contains(Rule.Tenants, request.Tenant)) ||
            (Rule.Users.Count > 0 && !Contains(Rule.Users, request.User)) ||
            (Rule.MaxLength is { } most && prompt.Length > most && CodePoints.Count(prompt, most + 1) > most) ||
            (Rule.MinLength is { } least && (prompt.Length < least || CodePoints.Count(prompt, least) < least)) ||
            (Rule.Metadata.Count > 0 && !HasMetadata(request)) ||
            (Rule.Languages.Count > 0 && !Contains(Rule.Languages, facts.LanguageOf(prompt))) ||
            (_keywords is not null && _keywords.FindFirstRule(prompt, 1) < 0) ||
            (Rule.Domains.Count > 0 && !Contains(Rule.Domains, facts.DomainOf(prompt))))
        {
            return false;
        }

        try
        {
            return _pattern?.IsMatch(prompt) ?? true;
        }
        catch (RegexMatchTimeoutException)
        {
            timedOut = true;
            return false;
        }
    }

    private bool HasMetadata(RouteRequest request)
    {
        foreach ((string key, string wanted) in Rule.Metadata)
        {
            if (request.Options?.AdditionalProperties is not { } properties || !properties.TryGetValue(key, out object? value) || value is null ||
                (wanted != "*" && wanted != TextOf(value)))
            {
                return false;
            }
        }

        return true;
    }

    // As a configuration writes it: JSON's true is "True" to .NET.
    private static string? TextOf(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        JsonElement json => json.GetRawText(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static bool Contains(IReadOnlyList<string> values, string? wanted)
    {
        for (int i = 0; i < values.Count && wanted is not null; i++)
        {
            if (string.Equals(values[i], wanted, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
