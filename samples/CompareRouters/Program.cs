// Measures routers side by side on the same held-back prompts: quality, time for a prompt, and memory.
//   dotnet run -c Release --project samples/CompareRouters -- [--data FOLDER]
using System.Diagnostics;
using System.Globalization;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;

const string Strong = BuiltInRouterRecipe.StrongModel, Weak = BuiltInRouterRecipe.WeakModel, FaultySubject = "mmlu/high_school_mathematics";
if (args is not ([] or ["--data", _]))
{
    Console.Error.WriteLine("Usage: [--data FOLDER], a folder with routellm.jsonl.gz and chat.jsonl.gz.");
    return 2;
}

string data = args is ["--data", var folder] ? folder : "../shared/data";
string[] missing = [.. BuiltInRouterRecipe.FileNames.Where(name => !File.Exists(Path.Combine(data, name)))];
if (missing.Length > 0)
{
    Console.Error.WriteLine($"The folder {Path.GetFullPath(data)} lacks {string.Join(", ", missing)}. Say where the data are with --data FOLDER.");
    return 1;
}

IReadOnlyList<EvaluationRow> rows = BuiltInRouterRecipe.ReadRows(data);
EvaluationRow[] eval = [.. rows.Where(static row => row.Split == "eval")];
EvaluationRow[] pair = [.. rows.Where(static row => row.Split == BuiltInRouterRecipe.TrainingSplit && row.Scores.ContainsKey(Strong) && row.Scores.ContainsKey(Weak))];

// Both indexes hold the training halves of MMLU and GSM8K, embedded without a model; neighbours go by scores, ranking by battles.
var embedder = new HashedTextEmbeddingGenerator();
var scoreBuilder = new BattleIndexBuilder(new() { KeepPrompts = false });
var battleBuilder = new BattleIndexBuilder(new() { KeepPrompts = false });
var vector = new float[embedder.Dimensions];
foreach (EvaluationRow row in pair)
{
    embedder.Embed(row.Prompt, vector);
    scoreBuilder.Add(null, row.Scores.Where(static score => score.Key is Strong or Weak).ToDictionary(), vector);
    battleBuilder.Add(Battle.FromScores(Strong, row.Scores[Strong], Weak, row.Scores[Weak]), vector);
}

using BattleIndex scores = scoreBuilder.Build();
using BattleIndex battles = battleBuilder.Build();
double megabytes = (double)pair.Length * embedder.Dimensions * sizeof(float) / 1e6;
var builtIn = BuiltInRouter.Create();

// The matrix factorisation learns from the same embeddings, of rated prompts as well.
IReadOnlyList<TrainingPrompt> pairPrompts = TrainingPrompts.FromRows([.. pair, .. rows.Where(static row => row.Split == BuiltInRouterRecipe.TrainingSplit && row.StrongProbability is not null)], Strong, Weak);
TrainedDenseMatrixFactorization trained = await DenseMatrixFactorizationTrainer.TrainAsync(pairPrompts, embedder, new() { StrongModel = Strong, WeakModel = Weak });

var neighbors = new NearestNeighborRouter(scores, Strong, Weak, embedder, new() { Neighbors = 200 });

// Linear models of the same pair: on those questions and the rated prompts, which are fewer and so count ten times.
IReadOnlyList<TrainingPrompt> prompts = BuiltInRouterRecipe.CreatePrompts(rows.Where(static row => row.Split == BuiltInRouterRecipe.TrainingSplit));
LabeledPrompt[] labeled =
[
    .. from prompt in prompts
       from outcome in prompt.Outcomes
       where outcome is { First: Strong, Second: Weak }
       select new LabeledPrompt(prompt.Prompt, outcome.FirstWins, prompt.IsTraffic == true ? 10 : 1, prompt.Group),
];

(string Name, IRouter Router, string Memory)[] routers =
[
    ("random", new RandomRouter(1), "-"),
    ("prompt length", new PromptLengthRouter(0, 4000), "-"),
    ("domain", new DomainRouter(), "-"),
    ("built-in", builtIn, "16 MB"),
    ("nearest neighbours, k 200", neighbors, $"{megabytes:0} MB"),
    ("matrix factorisation, trained here", trained.Model.ForDefaultPair(embedder), "0.5 MB"),
    ("similarity-weighted ranking", new SimilarityWeightedRouter(battles, Strong, Weak, embedder), $"{megabytes:0} MB"),
    LinearPair("ridge", LinearMethod.Ridge, LinearFeatures.Binary),
    LinearPair("logistic regression", LinearMethod.Logistic, LinearFeatures.Binary),
    LinearPair("logistic regression on TF-IDF", LinearMethod.Logistic, LinearFeatures.TfIdf),
    Linear("ridge on scores, without chat", () => LinearTrainer.TrainPool(pair, Options(LinearMethod.Ridge, LinearFeatures.Binary))),
    ("mixture of built-in and neighbours", new MixtureRouter([new(builtIn, 0.5), new(neighbors, 0.5)]), $"{megabytes + 16:0} MB"),
];

Console.WriteLine($"{"router",-36} {"MMLU*",-15} {"GSM8K",-15} {"MT-Bench",-15} {"chat rho",-15} {"us a prompt",11} {"memory",8}");
foreach ((string name, IRouter router, string memory) in routers)
{
    IReadOnlyList<double> predicted = await router.PredictWinProbabilitiesAsync(eval.Select(static row => row.Prompt));
    (EvaluationRow Row, double P)[] scored = [.. eval.Zip(predicted)];
    string mmlu = Apgr(scored, static row => row.Source.StartsWith("mmlu/", StringComparison.Ordinal) && row.Source != FaultySubject);
    string gsm8k = Apgr(scored, static row => row.Source.StartsWith("gsm8k", StringComparison.Ordinal));
    string mtBench = Apgr(scored, static row => row.Source.StartsWith("mt", StringComparison.Ordinal));
    Console.WriteLine($"{name,-36} {mmlu,-15} {gsm8k,-15} {mtBench,-15} {Rho(scored),-15} {await MicrosecondsAsync(router, eval),11:0.0} {memory,8}");
}

return 0;

(string, IRouter, string) LinearPair(string name, LinearMethod method, LinearFeatures features) => Linear(name, () => LinearTrainer.Train(labeled, Options(method, features)));

static LinearTrainingOptions Options(LinearMethod method, LinearFeatures features) => new() { StrongModel = Strong, WeakModel = Weak, Method = method, Features = features };

static (string, IRouter, string) Linear(string name, Func<TrainedLinear> train)
{
    var watch = Stopwatch.StartNew();
    TrainedLinear trained = train();
    string losses = string.Join(", ", trained.PenaltyLosses.Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.Penalty}: {p.Loss:0.0000}")));
    Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {watch.Elapsed.TotalSeconds:0} s, {trained.Model.FeatureCount:N0} features, artifact of {trained.Artifact.Length / 1e6:0.0} MB, penalty {trained.Penalty} (held-out losses {losses})"));
    return (name, trained.Model.ForDefaultPair(), "4 MB");
}

static string Apgr((EvaluationRow Row, double P)[] scored, Func<EvaluationRow, bool> belongs)
{
    (EvaluationRow Row, double P)[] rows = [.. scored.Where(s => belongs(s.Row))];
    double Of((EvaluationRow Row, double P)[] sample) => CostQualityCurve.Create(
        [.. sample.Select(static s => s.P)], [.. sample.Select(static s => s.Row.Scores[Strong])], [.. sample.Select(static s => s.Row.Scores[Weak])]).Apgr;
    return WithInterval(Of(rows), BootstrapInterval.Create(rows.Length, indices => Of([.. indices.Select(i => rows[i])])));
}

static string Rho((EvaluationRow Row, double P)[] scored)
{
    (EvaluationRow Row, double P)[] rows = [.. scored.Where(static s => s.Row.StrongProbability is not null)];
    double Of((EvaluationRow Row, double P)[] sample) => RankCorrelation.Spearman([.. sample.Select(static s => s.P)], [.. sample.Select(static s => s.Row.StrongProbability!.Value)]);
    return WithInterval(Of(rows), BootstrapInterval.Create(rows.Length, indices => Of([.. indices.Select(i => rows[i])])));
}

static string WithInterval(double value, BootstrapInterval interval) => string.Create(CultureInfo.InvariantCulture, $"{value:0.000} +- {interval.HalfWidth:0.000}");

// The median over single requests, one after the other: what a caller waits. Speed proper is measured in benchmarks/.
static async Task<double> MicrosecondsAsync(IRouter router, EvaluationRow[] rows)
{
    RouteRequest[] requests = [.. rows.Take(1000).Select(static row => new RouteRequest(row.Prompt))];
    var times = new double[requests.Length];
    for (int i = 0; i < requests.Length; i++)
    {
        long started = Stopwatch.GetTimestamp();
        await router.PredictWinProbabilityAsync(requests[i]);
        times[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }

    Array.Sort(times);
    return times[times.Length / 2];
}
