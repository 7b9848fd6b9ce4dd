using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>Options of a scorer that asks a chat model; read once, when the scorer is made.</summary>
public class JudgeScorerOptions
{
    /// <summary>Gets or sets what the judge is told before it reads the answers; the scorer's own default if <see langword="null"/>. Instructions of one's own must ask for the same JSON.</summary>
    public string? Instructions { get; set; }

    /// <summary>Gets or sets what the judge's tokens cost, or <see langword="null"/>, the default, if that is not known.</summary>
    public TokenPrice? Price { get; set; }

    /// <summary>Gets or sets what else is set on the options of each call, such as the model id, or more output tokens for a model that reasons; <see langword="null"/> by default.</summary>
    /// <remarks>It is called once, when the scorer is made, with the options that the scorer sends by itself (a JSON schema, temperature 0, 64 tokens of output), and may change those too.</remarks>
    public Action<ChatOptions>? ConfigureOptions { get; set; }

    /// <summary>Gets or sets how failed calls are made again.</summary>
    public CallRetryOptions Retry { get; set; } = new();

    /// <summary>Gets or sets how often the judge is asked once more after an answer that makes no sense, at least 0; once by default.</summary>
    public int MaxRepeats { get; set; } = 1;

    /// <summary>Gets or sets how much of the prompt, the reference and each answer the judge reads, in UTF-16 units, at least 64; 20,000 by default. Of longer ones it reads the beginning and the end.</summary>
    public int MaxTextLength { get; set; } = 20_000;

    /// <summary>Gets or sets how many tokens a judgement has, for estimates, at least 1; 12 by default.</summary>
    public int ExpectedOutputTokens { get; set; } = 12;

    internal virtual void Validate()
    {
        ArgumentNullException.ThrowIfNull(Retry);
        Retry.Validate();
        if (MaxRepeats < 0)
        {
            throw new ArgumentException($"{nameof(MaxRepeats)} is {MaxRepeats}; expected at least 0, for no second question.");
        }

        if (MaxTextLength < 64)
        {
            throw new ArgumentException($"{nameof(MaxTextLength)} is {MaxTextLength}, but the judge must read at least 64 characters to tell anything.");
        }

        if (ExpectedOutputTokens < 1)
        {
            throw new ArgumentException($"{nameof(ExpectedOutputTokens)} is {ExpectedOutputTokens}; expected at least 1.");
        }
    }
}
