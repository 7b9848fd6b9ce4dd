using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>Calls a chat model, again if it fails, and tells what the answer cost.</summary>
internal sealed class ChatCaller(IChatClient client, TokenPrice? price, CallRetryOptions retry, TimeProvider timeProvider)
{
    /// <exception cref="TimeoutException">The last attempt exceeded the time limit.</exception>
    public async Task<(ChatResponse Response, CallCost Cost)> AskAsync(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                ChatResponse response = await AskOnceAsync(messages, options.Clone(), cancellationToken).ConfigureAwait(false);
                return (response, CostOf(response, messages, options.Instructions));
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested && attempt < retry.MaxAttempts && retry.ShouldRetry(error))
            {
                await Task.Delay(retry.DelayAfter(attempt), timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ChatResponse> AskOnceAsync(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(retry.TimeLimit, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await client.GetResponseAsync(messages, options, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(timeout.IsCancellationRequested ? $"The model gave no answer within {retry.TimeLimit}." : $"The model's client gave up: {error.Message}", error);
        }
    }

    private CallCost CostOf(ChatResponse response, IReadOnlyList<ChatMessage> messages, string? instructions)
    {
        if (response.Usage is { InputTokenCount: { } input, OutputTokenCount: { } output } usage)
        {
            return new CallCost(1, input, output, price?.CostOf(usage) ?? 0);
        }

        int read = TokenEstimate.OfMessages(messages, instructions), written = TokenEstimate.Of(response.Text);
        return new CallCost(1, read, written, price?.CostOf(read, written) ?? 0, EstimatedCalls: 1);
    }
}
