namespace RouteLLM.Internals;

/// <summary>What rules ask about a prompt, found out once for all of them.</summary>
internal struct PromptFacts
{
    private static readonly DomainRouter s_domains = new();

    private bool _hasLanguage;
    private bool _hasDomain;
    private string? _language;
    private string? _domain;

    public string? LanguageOf(string prompt)
    {
        if (!_hasLanguage)
        {
            (_language, _hasLanguage) = (PromptLanguage.Detect(prompt), true);
        }

        return _language;
    }

    public string? DomainOf(string prompt)
    {
        if (!_hasDomain)
        {
            (_domain, _hasDomain) = (s_domains.Classify(prompt), true);
        }

        return _domain;
    }
}
