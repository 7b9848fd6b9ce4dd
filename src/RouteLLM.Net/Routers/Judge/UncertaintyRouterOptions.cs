using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Options of an <see cref="UncertaintyRouter"/>; read once, when the router is made.</summary>
public sealed class UncertaintyRouterOptions : ChatModelRouterOptions
{
    /// <summary>Initializes a new instance of the <see cref="UncertaintyRouterOptions"/> class: named <c>uncertainty</c>, with temperature 1 and at most 32 tokens of output.</summary>
    /// <remarks>
    /// Temperature 1 samples from the model's own distribution, so that the mean log-probability of a draft estimates the distribution's entropy, and samples that agree do so because the model is sure. With a temperature of 0
    /// they would always agree.
    /// </remarks>
    public UncertaintyRouterOptions()
        : base("uncertainty", new ChatOptions { Temperature = 1, MaxOutputTokens = 32 })
    {
    }

    /// <summary>Gets or sets what the cheap model is told before it reads the prompt: by default, to give only the answer in as few words as it can, for answers that are short can be compared.</summary>
    public string Instructions { get; set; } = "Answer with only the final answer, in as few words as you can. If the answer is long, give its first sentence. No explanation.";

    /// <summary>Gets or sets what takes the log-probabilities (natural logarithms, at most 0) of an answer's tokens from a response, or gives <see langword="null"/> if the response has none.</summary>
    /// <remarks>
    /// The default is <see langword="null"/>: uncertainty is taken from samples. Where they come from is the provider's own; with OpenAI's chat completions (Microsoft.Extensions.AI.OpenAI) ask for them with
    /// <c>ChatOptions.RawRepresentationFactory = _ => new ChatCompletionOptions { IncludeLogProbabilities = true }</c> and take them from
    /// <c>((ChatCompletion)response.RawRepresentation!).ContentTokenLogProbabilities.Select(t => (double)t.LogProbability).ToList()</c>.
    /// </remarks>
    public Func<ChatResponse, IReadOnlyList<double>?>? LogProbabilities { get; set; }

    /// <summary>Gets or sets how many drafts are compared when there are no log-probabilities, each a call: at least 2, or 1 to never compare. The default is 3.</summary>
    /// <remarks>If <see cref="LogProbabilities"/> is set, one draft is made first, and the others only when it has none.</remarks>
    public int Samples { get; set; } = 3;

    /// <summary>Gets or sets what brings answers into the form in which they are compared. The default is <see cref="UncertaintyRouter.NormalizeAnswer"/>.</summary>
    /// <remarks>It has no part in the keys of a cache: when you change it, scores of before stay until they expire.</remarks>
    public Func<string, string> AnswerNormalizer { get; set; } = UncertaintyRouter.NormalizeAnswer;

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrWhiteSpace(Instructions);
        ArgumentNullException.ThrowIfNull(AnswerNormalizer);
        if (Samples < 1 || (Samples == 1 && LogProbabilities is null))
        {
            throw new ArgumentException($"Samples is {Samples}; expected at least 2, or 1 together with {nameof(LogProbabilities)}.");
        }
    }
}
