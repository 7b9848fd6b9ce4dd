using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Finds what one attempt used and cost: by the provider's own count, else by an estimate of what was sent and received.</summary>
internal sealed class UsageMeter(RouteRequest request, ModelRoute route)
{
    private StringBuilder? _text;
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
    /// <param name="isAnswer">Whether the answer is whole. What broke off without the model being called used nothing.</param>
    public void Complete(bool fromCache, bool isAnswer)
    {
        if (fromCache && !isAnswer)
        {
            Cost = route.Profile.Price is null ? null : 0;
            return;
        }

        if (_received && _counted is not { InputTokenCount: not null, OutputTokenCount: not null })
        {
            // Some providers tell the input with the first update and the output with the last, which may never have come.
            IsEstimated = true;
            Usage = Estimate(_counted);
        }
        else
        {
            Usage = _counted;
        }

        Cost = route.Profile.Price is not { } price ? null : Usage is { } usage && !fromCache ? price.CostOf(usage) : 0;
    }

    public void Add(ChatResponse response)
    {
        _received = true;
        _counted = IsCount(response.Usage) ? response.Usage : null;
        if (_counted?.OutputTokenCount is null)
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
                    (_text ??= new()).Append(text.Text);
                    break;
                case TextReasoningContent reasoning:
                    (_text ??= new()).Append(reasoning.Text);
                    break;
                case FunctionCallContent call:
                    (_text ??= new()).Append(call.Name).AppendJoin(' ', call.Arguments?.Values ?? []);
                    break;
            }
        }
    }

    private UsageDetails Estimate(UsageDetails? counted)
    {
        long input = counted?.InputTokenCount ?? CountInput(), output = counted?.OutputTokenCount ?? Count(_text?.ToString() ?? "");
        UsageDetails usage = new();
        if (counted is not null)
        {
            usage.Add(counted);
        }

        (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount) = (input, output, input + output);
        return usage;
    }

    // What was used is to be booked whatever becomes of a counter of the application's.
    private long CountInput()
    {
        try
        {
            return request.InputTokens;
        }
        catch (Exception)
        {
            return request.Messages.Count > 0 ? TokenCounter.Estimate.Count(request.Messages, request.Options) : TokenCounter.Estimate.Count(request.Prompt);
        }
    }

    private long Count(string text)
    {
        try
        {
            return request.TokenCounter.Count(text);
        }
        catch (Exception)
        {
            return TokenCounter.Estimate.Count(text);
        }
    }
}
