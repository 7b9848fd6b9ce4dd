using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM.Quickstart;

/// <summary>One prompt and what came of it.</summary>
internal sealed class Turn(string prompt)
{
    private readonly UsageDetails _usage = new();
    private readonly StringBuilder _answer = new();

    /// <summary>Gets or sets where the prompt went and why.</summary>
    public RouteOutcome? Outcome { get; set; }

    /// <summary>Gets the input tokens: the provider's count, else an estimate.</summary>
    public long InputTokens => _usage.InputTokenCount ?? EstimateTokens(prompt);

    /// <summary>Gets the output tokens: the provider's count, else an estimate.</summary>
    public long OutputTokens => _usage.OutputTokenCount ?? EstimateTokens(_answer.ToString());

    /// <summary>Gets a value indicating whether the provider told both counts.</summary>
    public bool IsUsageReported => _usage is { InputTokenCount: not null, OutputTokenCount: not null };

    /// <summary>Takes in a part of the answer.</summary>
    public void Add(ChatResponseUpdate update)
    {
        _answer.Append(update.Text);
        foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
        {
            _usage.Add(usage.Details);
        }
    }

    /// <summary>Estimates tokens as a quarter of the UTF-8 bytes: about four letters of English, two of Arabic, one and a third of Chinese or Japanese.</summary>
    public static long EstimateTokens(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;
}
