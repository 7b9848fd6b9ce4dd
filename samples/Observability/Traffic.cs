using System.Globalization;
using Microsoft.Extensions.AI;

namespace RouteLLM.Samples.Observability;

/// <summary>Sends made-up requests of three tenants at a steady pace.</summary>
internal static class Traffic
{
    private static readonly string[] s_tenants = ["acme", "globex", "initech"];

    private static readonly string[] s_prompts =
    [
        "hi", "thanks, that helps", "what time zone is Lisbon in?", "translate 'good morning' into Polish", "summarise this in one line: the meeting is moved to Friday",
        "write a haiku about rain", "what is the capital of Mongolia?", "make this sentence friendlier: send me the file",
        "Prove that every finite integral domain is a field, and say where finiteness is needed.",
        "Our service deadlocks once a week under load. Here is what we know: two locks, a connection pool of 20, and a retry loop. Set out how you would find the cause, step by step, and what to log.",
        "Design a schema and the queries for a booking system that must never double-book, even with two database replicas that lag behind each other.",
        "Derive the closed form of the sum of k squared times two to the k for k from 1 to n, and check it for n = 3.",
    ];

    public static async Task SendAsync(IChatClient client, int seconds, int perSecond, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        List<Task> underWay = [];
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            for (int second = 0; second < seconds; second++)
            {
                for (int i = 0; i < perSecond; i++)
                {
                    underWay.Add(AskAsync(client, s_prompts[random.Next(s_prompts.Length)], s_tenants[random.Next(s_tenants.Length)], string.Create(CultureInfo.InvariantCulture, $"user-{random.Next(100)}"), cancellationToken));
                }

                await timer.WaitForNextTickAsync(cancellationToken);
                underWay.RemoveAll(static task => task.IsCompleted);
            }

            await Task.WhenAll(underWay);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C.
        }
    }

    private static async Task AskAsync(IChatClient client, string prompt, string tenant, string user, CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(prompt, new ChatOptions().SetRoutingTenant(tenant).SetRoutingUser(user), cancellationToken))
        {
        }
    }
}
