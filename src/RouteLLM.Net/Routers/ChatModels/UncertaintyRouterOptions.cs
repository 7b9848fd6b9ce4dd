using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Options of an <see cref="UncertaintyRouter"/>; read once, when the router is made.</summary>
public sealed class UncertaintyRouterOptions : ChatModelRouterOptions
{
    /// <summary>Gets or sets how many tokens a draft may have, at least 1. The default is 48.</summary>
    public int MaxDraftTokens { get; set; } = 48;

    /// <summary>Gets or sets what the cheap model is told before it reads the prompt: by default, to give only the answer in as few words as it can, for answers that are short can be compared.</summary>
    public string Instructions { get; set; } = "Answer with only the final answer, in as few words as you can. If the answer is long, give its first sentence. No explanation.";

    /// <summary>Gets or sets what takes the log-probabilities (natural logarithms, at most 0) of an answer's tokens from a response, or gives <see langword="null"/> if the response has none.</summary>
    /// <remarks>
    /// The default is <see langword="null"/>: uncertainty is taken from samples. Where they come from is the provider's own; with OpenAI's chat completions (Microsoft.Extensions.AI.OpenAI) ask for them with
    /// <c>ConfigureOptions = options => options.RawRepresentationFactory = _ => new ChatCompletionOptions { IncludeLogProbabilities = true }</c> and take them from
    /// <c>response => (response.RawRepresentation as ChatCompletion)?.ContentTokenLogProbabilities.Select(token => (double)token.LogProbability).ToList()</c>.
    /// </remarks>
    public Func<ChatResponse, IReadOnlyList<double>?>? LogProbabilities { get; set; }

    /// <summary>Gets or sets how many drafts are compared when there are no log-probabilities, each a call: at least 2, or 1 to never compare. The default is 4.</summary>
    /// <remarks>If <see cref="LogProbabilities"/> is set, one draft is made first, and the others only when it has none.</remarks>
    public int Drafts { get; set; } = 4;

    /// <summary>Gets or sets what brings answers into the form in which they are compared. The default is <see cref="UncertaintyRouter.NormalizeAnswer"/>.</summary>
    /// <remarks>It has no part in the keys of a cache: when you change it, scores of before stay until they expire.</remarks>
    public Func<string, string> AnswerNormalizer { get; set; } = UncertaintyRouter.NormalizeAnswer;

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrWhiteSpace(Instructions, nameof(Instructions));
        ArgumentNullException.ThrowIfNull(AnswerNormalizer, nameof(AnswerNormalizer));
        if (MaxDraftTokens < 1)
        {
            throw new ArgumentException($"{nameof(MaxDraftTokens)} is {MaxDraftTokens}, but a draft has at least 1 token.");
        }

        if (Drafts < 1 || (Drafts == 1 && LogProbabilities is null))
        {
            throw new ArgumentException($"{nameof(Drafts)} is {Drafts}; expected at least 2 to compare, or 1 together with {nameof(LogProbabilities)}.");
        }
    }
}
