using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Simulation;

/// <summary>Callers that ask a client one question after another, stream, cancel and leave, and check every answer against the <see cref="Journal"/>.</summary>
/// <remarks>
/// With <see cref="SimulatedTime"/> it runs on one thread and always in the same way (<see cref="RunAsync(SimulatedTime)"/>); with the system's clock, on all
/// threads that there are (<see cref="RunAsync()"/>).
/// </remarks>
internal sealed class Simulation(IChatClient client, Journal journal, SimulationOptions options, TimeProvider clock)
{
    private readonly SimulationReport _report = new();
    private int _ended;

    /// <summary>Runs on the thread pool, in real time.</summary>
    public async Task<SimulationReport> RunAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, options.Callers).Select(caller => Task.Run(() => CallAsync(caller))));
        return _report;
    }

    /// <summary>Runs on one thread, in simulated time.</summary>
    public Task<SimulationReport> RunAsync(SimulatedTime time) => time.RunAsync(async () =>
    {
        journal.Thread = Environment.CurrentManagedThreadId;
        Task[] callers = [.. Enumerable.Range(0, options.Callers).Select(CallAsync)];
        await Task.WhenAll(callers);
        return _report;
    });

    private async Task CallAsync(int caller)
    {
        for (int call = 0; call < options.CallsPerCaller; call++)
        {
            var random = new Random(Seeds.Mix(options.Seed, caller, call));
            await clock.WaitInlineAsync(options.Pause * random.NextDouble() * 2);
            string question = options.Question(caller, call);
            journal.Open(question);
            string? tenant = options.Tenant?.Invoke(caller);
            ChatOptions? chatOptions = options.Options?.Invoke(caller, call);
            if (tenant is not null)
            {
                chatOptions = (chatOptions ?? new()).SetRoutingTenant(tenant);
            }

            string end = await AskAsync(question, tenant, chatOptions, random);
            _report.Note(question, end, journal.Close(question));
            options.Ended?.Invoke(Interlocked.Increment(ref _ended));
        }
    }

    private async Task<string> AskAsync(string question, string? tenant, ChatOptions? chatOptions, Random random)
    {
        bool streamed = random.NextDouble() < options.Streamed, leaves = random.NextDouble() < options.LeftEarly, cancels = random.NextDouble() < options.Cancelled;
        TimeSpan patience = options.Patience * random.NextDouble();

        // Not disposed: in real time the timer may be late.
        var source = new CancellationTokenSource();
        await using ITimer? timer = cancels ? clock.CreateTimer(_ => Cancel(source), null, patience, Timeout.InfiniteTimeSpan) : null;
        try
        {
            return await AskAsync(question, tenant, chatOptions, streamed, leaves, source);
        }
        finally
        {
            if (source.IsCancellationRequested && clock is SimulatedTime time)
            {
                await time.ReturnAsync();
            }
        }
    }

    private async Task<string> AskAsync(string question, string? tenant, ChatOptions? chatOptions, bool streamed, bool leaves, CancellationTokenSource source)
    {
        bool hasBegun = false;
        RouteOutcome? outcome = null;
        try
        {
            if (!streamed)
            {
                ChatResponse response = await client.GetResponseAsync(question, chatOptions, source.Token);
                outcome = response.GetRouteOutcome();
                return Check(question, response);
            }

            var updates = new List<ChatResponseUpdate>();
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, chatOptions, source.Token))
            {
                hasBegun = true;
                outcome ??= update.GetRouteOutcome();
                updates.Add(update);
                if (leaves)
                {
                    return "left";
                }
            }

            return Check(question, updates.ToChatResponse());
        }
        catch (OperationCanceledException error) when (source.IsCancellationRequested)
        {
            if (error.CancellationToken != source.Token)
            {
                journal.Violate($"{question}: cancelled by another's token");
            }

            return "cancelled";
        }
        catch (Exception error) when (hasBegun && error is IOException or JsonException or TimeoutException)
        {
            return "broken off";
        }
        catch (Exception error) when (!hasBegun &&
            error is RoutesFailedException or NoRouteAvailableException or BudgetExceededException or LedgerUnavailableException or HttpRequestException or TimeoutException or JsonException)
        {
            if (error is RoutesFailedException { Attempts: var attempts })
            {
                CheckAttempts(question, attempts);
            }

            return error.GetType().Name;
        }
        catch (Exception error)
        {
            journal.Violate($"{question}: {error}");
            return error.GetType().Name;
        }
        finally
        {
            // Of a stream, what it used is known when it has ended, however that came.
            if (outcome is not null)
            {
                _report.NoteUsage(tenant, outcome);
            }

            journal.CheckRecord(question, outcome);
        }
    }

    private void Cancel(CancellationTokenSource source)
    {
        (clock as SimulatedTime)?.ExpectReturn();
        source.Cancel();
    }

    private string Check(string question, ChatResponse response)
    {
        RouteOutcome? outcome = response.GetRouteOutcome();
        if (outcome is null)
        {
            journal.Violate($"{question}: no outcome");
            return "answered";
        }

        if (response.Text != SimulatedProvider.AnswerOf(outcome.Deployment ?? outcome.Route, question))
        {
            journal.Violate($"{question}: answered with '{response.Text}' by {outcome.Deployment ?? outcome.Route}");
        }

        if (response.Usage is null || response.Usage.TotalTokenCount != SimulatedProvider.UsageOf(question).TotalTokenCount)
        {
            journal.Violate($"{question}: the usage is {response.Usage?.TotalTokenCount}");
        }

        CheckAttempts(question, outcome.Attempts);
        return outcome.Attempts.Count > 1 ? "rescued" : "answered";
    }

    // A hedge may be listed before the call that it overtook, so the calls are compared as a set.
    private void CheckAttempts(string question, IReadOnlyList<RouteAttempt> attempts)
    {
        string[] made = [.. journal.CallsOf(question).Order(StringComparer.Ordinal)];
        List<string> listed = [.. attempts.Select(static attempt => attempt.Deployment ?? attempt.Route).Order(StringComparer.Ordinal)];
        List<string> unmade = [.. listed];
        foreach (string call in made)
        {
            unmade.Remove(call);
        }

        // On many threads a call may be overtaken by another, or by its time limit, between its beginning and its reaching the provider.
        int overtaken = journal.Thread is null ? attempts.Count(static attempt => attempt.Error is OperationCanceledException or TimeoutException) : 0;
        if (unmade.Count > overtaken || listed.Count - unmade.Count != made.Length)
        {
            journal.Violate($"{question}: the attempts are said to be {string.Join(", ", listed)}, but are {string.Join(", ", made)}");
        }
    }
}
