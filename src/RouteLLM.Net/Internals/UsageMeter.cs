using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Finds what one attempt used and cost: by the provider's own count, else by an estimate of what was sent and received.</summary>
internal sealed class UsageMeter(RouteRequest request, ModelRoute route)
{
    private readonly StringBuilder _text = new();
    private UsageDetails? _counted;
    private bool _received;

    /// <summary>Gets the tokens used, or <see langword="null"/> if nothing came of the attempt or it is not over.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>Gets a value indicating whether <see cref="Usage"/> is an estimate.</summary>
    public bool IsEstimated { get; private set; }

    /// <summary>Gets what that costs in USD, or <see langword="null"/> if the route has no price or the attempt is not over.</summary>
    public decimal? Cost { get; private set; }

    /// <summary>Ends the attempt: works out usage and cost.</summary>
    /// <param name="fromCache">Whether the model was not called, so that the tokens cost nothing.</param>
    public void Complete(bool fromCache)
    {
        IsEstimated = _counted is null && _received;
        Usage = _counted ?? (_received ? Estimate() : null);
        Cost = route.Profile.Price is not { } price ? null : Usage is { } usage && !fromCache ? price.CostOf(usage) : 0;
    }

    public void Add(ChatResponse response)
    {
        _received = true;
        _counted = IsCount(response.Usage) ? response.Usage : null;
        if (_counted is null)
        {
            foreach (ChatMessage message in response.Messages)
            {
                Add(message.Contents);
            }
        }
    }

    public void Add(ChatResponseUpdate update)
    {
        _received = true;
        Add(update.Contents);
    }

    private static bool IsCount(UsageDetails? usage) => usage is { InputTokenCount: not null } or { OutputTokenCount: not null };

    private void Add(IList<AIContent> contents)
    {
        for (int i = 0; i < contents.Count; i++)
        {
            switch (contents[i])
            {
                case UsageContent usage when IsCount(usage.Details):
                    (_counted ??= new()).Add(usage.Details);
                    break;
                case TextContent text:
                    _text.Append(text.Text);
                    break;
                case TextReasoningContent reasoning:
                    _text.Append(reasoning.Text);
                    break;
                case FunctionCallContent call:
                    _text.Append(call.Name).AppendJoin(' ', call.Arguments?.Values ?? []);
                    break;
            }
        }
    }

    private UsageDetails Estimate()
    {
        long output = request.TokenCounter.Count(_text.ToString());
        return new() { InputTokenCount = request.InputTokens, OutputTokenCount = output, TotalTokenCount = request.InputTokens + output };
    }
}
