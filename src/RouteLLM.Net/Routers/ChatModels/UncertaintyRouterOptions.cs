using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Options of an <see cref="UncertaintyRouter"/>.</summary>
public class UncertaintyRouterOptions : ChatModelRouterOptions
{
    /// <summary>Gets or sets how many tokens a draft may have. The default is 48.</summary>
    public int MaxDraftTokens { get; set; } = 48;

    /// <summary>
    /// Gets or sets what reads the tokens' log-probabilities (natural, at most 0) from a response, or <see langword="null"/> (the default) to go by the agreement of several drafts instead.
    /// </summary>
    /// <remarks>
    /// With Microsoft.Extensions.AI.OpenAI: <c>response => (response.RawRepresentation as OpenAI.Chat.ChatCompletion)?.ContentTokenLogProbabilities.Select(token => (double)token.LogProbability).ToList()</c>, and
    /// <see cref="ChatModelRouterOptions.ConfigureOptions"/> to ask for them: <c>options => options.RawRepresentationFactory = _ => new OpenAI.Chat.ChatCompletionOptions { IncludeLogProbabilities = true }</c>.
    /// </remarks>
    public Func<ChatResponse, IReadOnlyList<double>?>? LogProbabilities { get; set; }

    /// <summary>Gets or sets how many drafts are compared when there are no log-probabilities, at least 2. The default is 4.</summary>
    public int Drafts { get; set; } = 4;

    internal override void Check()
    {
        base.Check();
        if (MaxDraftTokens < 1)
        {
            throw new ArgumentException($"{nameof(MaxDraftTokens)} is {MaxDraftTokens}, but a draft has at least 1 token.");
        }

        if (Drafts < 2)
        {
            throw new ArgumentException($"{nameof(Drafts)} is {Drafts}, but it takes at least 2 to compare.");
        }
    }
}
