using System.Text;
using BenchmarkDotNet.Attributes;

namespace RouteLLM.Benchmarks;

/// <summary>From text to win probability, against merely hashing the same words and pairs (FNV-1a over the same characters, without a set, weights or norm).</summary>
[MemoryDiagnoser]
public class BuiltInRouterBenchmarks
{
    private const int BatchSize = 1000;

    private readonly HashedMatrixFactorizationRouter _router = BuiltInRouter.Create();
    private readonly int[] _buckets = new int[HashedTextFeatures.MaxFeatures];
    private string _text = "";
    private RouteRequest[] _batch = [];

    public enum Prompt
    {
        English,
        Japanese,
        Megabyte,
    }

    [Params(Prompt.English, Prompt.Japanese, Prompt.Megabyte)]
    public Prompt Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        const string English = "Our payment service retries failed charges, and since last week a few customers are charged twice. We use an outbox table and a worker that polls it every second; "
            + "the worker runs on three nodes and takes a row lock. How can two workers pick up the same row, and what would you change so that it cannot happen?";
        const string Japanese = "決済サービスで失敗した請求を再試行していますが、先週から一部のお客様が二重に請求されています。アウトボックステーブルと、それを毎秒確認するワーカーを使っています。ワーカーは三台のノードで動き、行ロックを取ります。"
            + "なぜ二つのワーカーが同じ行を処理してしまうのか、原因を説明し、二度と起きないようにするための変更案を示してください。また、既に二重に請求されてしまったお客様を見つけるためのSQLの例と、返金の手順、そして再発を防ぐための監視の方法についても、できるだけ具体的に、順を追って教えてください。"
            + "前提として、データベースはPostgreSQLで、メッセージキューは使っていません。";
        _text = Kind switch
        {
            Prompt.English => English[..300],
            Prompt.Japanese => (Japanese + Japanese)[..300],
            _ => new StringBuilder().Insert(0, English, 1_000_000 / English.Length).ToString(),
        };
        _batch = [.. Enumerable.Repeat(new RouteRequest(_text), BatchSize)];
    }

    [Benchmark(Baseline = true)]
    public uint HashOnly()
    {
        // The same bounded reading, one hash a word (a character where there are no spaces) and one a pair.
        ReadOnlySpan<char> text = _text.Length <= HashedTextFeatures.MaxCharacters ? _text : _text.AsSpan(0, HashedTextFeatures.MaxCharacters);
        uint sum = 0, previous = 0, hash = 2166136261;
        foreach (char c in text)
        {
            char lower = char.ToLowerInvariant(c);
            bool unspaced = lower is >= '\u3040' and <= '\u9FFF';
            if (char.IsLetter(lower) && !unspaced)
            {
                hash = (hash ^ lower) * 16777619;
                continue;
            }

            sum += Mix(hash) + Mix((previous * 31) + hash);
            previous = hash;
            hash = (2166136261 ^ lower) * 16777619;
            if (unspaced)
            {
                sum += Mix(hash) + Mix((previous * 31) + hash);
                previous = hash;
                hash = 2166136261;
            }
        }

        return sum;
    }

    [Benchmark]
    public int ExtractFeatures() => HashedTextFeatures.Extract(_text, _buckets);

    [Benchmark]
    public double PredictWinProbability() => _router.PredictWinProbability(_text);

    [Benchmark(OperationsPerInvoke = BatchSize)]
    public async Task<double> PredictBatch() => (await _router.PredictWinProbabilitiesAsync(_batch))[0];

    private static uint Mix(uint hash)
    {
        hash ^= hash >> 16;
        hash *= 0x85EBCA6B;
        hash ^= hash >> 13;
        hash *= 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
