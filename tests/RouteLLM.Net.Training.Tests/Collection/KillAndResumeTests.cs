using System.Diagnostics;
using System.Reflection;
using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Collection;

/// <summary>A collecting process is killed, not asked to stop, and another one goes on. The provider's account says what was paid.</summary>
public sealed class KillAndResumeTests : IDisposable
{
    private const int Prompts = 12, Concurrency = 3;

    // Only a hang ends here.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    private static readonly string s_program = typeof(KillAndResumeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "CollectLabelsProgram").Value!;

    private readonly CollectionFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(36)]
    public async Task Only_what_was_under_way_at_the_kill_is_asked_for_twice(int answeredBeforeTheKill)
    {
        await using ModelServer server = await ModelServer.StartAsync();
        string prompts = Path.Combine(Path.GetDirectoryName(_folder.Journal)!, "prompts.jsonl");
        await File.WriteAllLinesAsync(prompts, Enumerable.Range(0, Prompts).Select(i => $$"""{"id":"{{i}}","prompt":"question number {{i}}"}"""), TestContext.Current.CancellationToken);

        // Nine calls are left at least, of three prompts or more, so that all workers have something to ask.
        // After so many answers the server takes requests but answers no more, so that calls are under way when the process dies.
        int turns = 0;
        var held = new List<(string Model, string Prompt)>();
        var holding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.BeforeAnswer = call =>
        {
            if (Interlocked.Increment(ref turns) <= answeredBeforeTheKill)
            {
                return Task.CompletedTask;
            }

            lock (held)
            {
                held.Add(call);
                if (held.Count == Concurrency)
                {
                    holding.SetResult();
                }
            }

            return release.Task;
        };

        using (Process killed = Start(server, prompts))
        {
            Task first = await Task.WhenAny(holding.Task, killed.WaitForExitAsync(TestContext.Current.CancellationToken)).WaitAsync(s_timeout, TestContext.Current.CancellationToken);
            Assert.True(first == holding.Task, "The process ended by itself.");

            // SIGKILL, or what comes closest.
            killed.Kill();
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.NotEqual(0, killed.ExitCode);
        }

        Assert.False(File.Exists(_folder.Output));
        Assert.Equal(answeredBeforeTheKill + Concurrency, server.Asked.Count);
        server.BeforeAnswer = _ => Task.CompletedTask;
        release.SetResult();

        using (Process resumed = Start(server, prompts))
        {
            string output = await resumed.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await resumed.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_timeout, TestContext.Current.CancellationToken);
            Assert.True(resumed.ExitCode == 0, output);
        }

        // Twelve answers of each model, and two calls of the judge for each pair of answers: 48 calls when nothing is killed.
        const int Needed = Prompts * 4;
        (string Model, string Prompt)[] asked = [.. server.Asked];
        Assert.Equal(Needed, asked.Distinct().Count());

        // What was under way: an answer each, or a judgement of two calls each, of which the first may have been answered.
        int answersTwice = asked.Where(call => call.Model != "judge").GroupBy(call => call).Sum(calls => calls.Count() - 1);
        int judgementsTwice = asked.Where(call => call.Model == "judge").GroupBy(call => call).Sum(calls => calls.Count() - 1);
        int judgementsHeld = held.Count(call => call.Model == "judge");
        Assert.InRange(judgementsTwice, judgementsHeld, 2 * judgementsHeld);
        Assert.All(asked.GroupBy(call => call).Where(calls => calls.Count() > 1), calls => Assert.Equal(2, calls.Count()));
        Assert.Equal(held.Count(call => call.Model != "judge"), answersTwice);
        Assert.Equal(Prompts, EvaluationRowReader.ReadFile(_folder.Output).Count(row => row.Scores.Count == 2));

        // A third process pays for nothing.
        using (Process idle = Start(server, prompts))
        {
            await idle.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_timeout, TestContext.Current.CancellationToken);
            Assert.Equal(0, idle.ExitCode);
        }

        Assert.Equal(asked.Length, server.Asked.Count);
    }

    private Process Start(ModelServer server, string prompts)
    {
        var start = new ProcessStartInfo("dotnet", [
            s_program, "--prompts", prompts, "--output", _folder.Output, "--journal", _folder.Journal, "--concurrency", $"{Concurrency}", "--yes", "--endpoint", server.Endpoint,
            "--strong-model", "big", "--weak-model", "small", "--scorer", "Judge", "--judge-model", "judge", "--strong-price", "2", "8"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = false,
        };
        start.Environment["OPENAI_API_KEY"] = "any";
        return Process.Start(start)!;
    }
}
