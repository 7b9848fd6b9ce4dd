using System.Diagnostics;

namespace RouteLLM.Onnx.Tests.Encoders;

// Alone, for what other tests allocate at the same time is in the process's memory too.
[Collection(nameof(SoakTests))]
[CollectionDefinition(nameof(SoakTests), DisableParallelization = true)]
public class SoakTests
{
    [Fact]
    public async Task Ten_thousand_concurrent_calls_with_random_cancellation_lose_and_mix_up_nothing_and_memory_stays_flat()
    {
        const int Calls = 10_000, FirstRounds = 6, LaterRounds = 4;
        await using BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder("bert-uncased"), new BertClassifierOptions { Batching = new BatchingOptions { QueueCapacity = Calls } });
        string[] texts = [.. Golden.ClassifierCases("bert-uncased").Select(static one => one.Text).Where(static text => text.Length < 400)];
        double[] expected = [.. await router.PredictWinProbabilitiesAsync(texts, TestContext.Current.CancellationToken)];
        Assert.InRange(expected.Distinct().Count(), 30, expected.Length);
        var random = new Random(7);
        long memory = 0;
        for (int round = 0; round < FirstRounds + LaterRounds; round++)
        {
            int answered = await RoundAsync(router, texts, expected, Calls, random);
            Assert.InRange(answered, Calls / 4, Calls);
            if (round == FirstRounds - 1)
            {
                memory = ResidentMemory();
            }
        }

        // The first rounds fill caches, arenas and thread stacks; 500 bytes kept of every later call would show.
        Assert.InRange(ResidentMemory() - memory, long.MinValue, 16L << 20);
    }

    private static async Task<int> RoundAsync(BertClassifierRouter router, string[] texts, double[] expected, int calls, Random random)
    {
        int answered = 0;
        (int Text, CancellationTokenSource Source, bool Cancel)[] plan = [.. Enumerable.Range(0, calls).Select(_ => (random.Next(texts.Length), new CancellationTokenSource(), random.Next(2) == 0))];
        Task[] tasks = [.. plan.Select(call => Task.Run(async () =>
        {
            try
            {
                double actual = await router.PredictWinProbabilityAsync(texts[call.Text], call.Source.Token);
                Assert.Equal(expected[call.Text], actual, 1e-5);
                Interlocked.Increment(ref answered);
            }
            catch (OperationCanceledException e)
            {
                Assert.True(call.Cancel);
                Assert.Equal(call.Source.Token, e.CancellationToken);
            }
        }))];

        // Cancelled from beside, while calls are anywhere between being made, waiting, running and answered.
        await Parallel.ForEachAsync(plan.Where(static call => call.Cancel).OrderBy(_ => random.Next()).ToArray(), async (call, _) => await call.Source.CancelAsync());
        await Task.WhenAll(tasks);
        Array.ForEach(plan, static call => call.Source.Dispose());
        return answered;
    }

    private static long ResidentMemory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
