// Has prompts answered by a strong and a weak model, scores the answers, and writes rows to train a router on.
//   dotnet run --project samples/CollectLabels
//   OPENAI_API_KEY=... dotnet run --project samples/CollectLabels -- --prompts mine.jsonl --strong-model gpt-4.1 --strong-price 2 8 --weak-model gpt-4.1-mini --weak-price 0.4 1.6 --scorer judge --judge-model gpt-4.1
using System.CommandLine;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Samples.CollectLabels;
using RouteLLM.Training;

var prompts = new Option<string>("--prompts") { DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "prompts.jsonl"), Description = "JSON lines with prompt, and optionally id, reference, source and split." };
var output = new Option<string>("--output") { DefaultValueFactory = _ => Path.Combine("artifacts", "labels.jsonl"), Description = "The training file to write; artifacts/labels.jsonl by default." };
var journal = new Option<string?>("--journal") { Description = "The journal to go on from; OUTPUT.journal by default." };
var scorer = new Option<ScorerKind>("--scorer") { DefaultValueFactory = _ => ScorerKind.Number, Description = "How answers are scored: against the reference by Number, Text or Choice, or by a Judge of pairs or a Rating of each." };
var samples = new Option<int>("--samples") { DefaultValueFactory = _ => 1, Description = "Answers of each model per prompt." };
var concurrency = new Option<int>("--concurrency") { DefaultValueFactory = _ => 8, Description = "Calls at the same time." };
var cap = new Option<decimal?>("--cap") { Description = "The most to spend, in USD, with earlier runs of the journal." };
var yes = new Option<bool>("--yes") { Description = "Do not ask before money is spent." };
var strongModel = new Option<string?>("--strong-model") { Description = "The strong model's id; without models, stand-ins answer offline." };
var weakModel = new Option<string?>("--weak-model") { Description = "The weak model's id." };
var judgeModel = new Option<string?>("--judge-model") { Description = "The judge's model id; the strong model by default." };
var strongPrice = Price("--strong-price");
var weakPrice = Price("--weak-price");
var judgePrice = Price("--judge-price");
var endpoint = new Option<string>("--endpoint") { DefaultValueFactory = _ => Environment.GetEnvironmentVariable("OPENAI_BASE_URL") ?? "https://api.openai.com/v1", Description = "An OpenAI-compatible server; its key is read from OPENAI_API_KEY." };
var command = new RootCommand("Collects answers, scores and costs of two models, to train a router on.")
{
    prompts, output, journal, scorer, samples, concurrency, cap, yes, strongModel, weakModel, judgeModel, strongPrice, weakPrice, judgePrice, endpoint,
};

command.SetAction(async (parsed, cancellationToken) =>
{
    try
    {
        Models models = parsed.GetValue(strongModel) is { } strong && parsed.GetValue(weakModel) is { } weak
            ? Models.OpenAI(parsed.GetRequiredValue(endpoint), (strong, ToPrice(parsed.GetValue(strongPrice))), (weak, ToPrice(parsed.GetValue(weakPrice))), (parsed.GetValue(judgeModel) ?? strong, ToPrice(parsed.GetValue(judgePrice) ?? parsed.GetValue(strongPrice))))
            : Models.StandIns();
        string path = parsed.GetRequiredValue(output);
        var collector = new AnswerCollector([models.Strong, models.Weak], new CollectionOptions
        {
            JournalPath = parsed.GetValue(journal) ?? path + ".journal",
            OutputPath = path,
            Scorer = models.CreateScorer(parsed.GetValue(scorer)),
            Samples = parsed.GetValue(samples),
            MaxConcurrency = parsed.GetValue(concurrency),
            SpendingCap = parsed.GetValue(cap),
        });

        CollectionPlan plan = collector.Plan(CollectionPromptReader.ReadFile(parsed.GetRequiredValue(prompts)));
        Console.WriteLine(models.AreStandIns ? $"{plan} (of stand-ins, which cost nothing)" : plan);
        if (!models.AreStandIns && plan.Missing > 0 && !parsed.GetValue(yes) && !Agree())
        {
            return 1;
        }

        CollectionResult result = await collector.RunAsync(plan, new ConsoleProgress(), cancellationToken);
        foreach (CollectionFailure failure in result.Failures)
        {
            Console.Error.WriteLine($"{failure.Id}: {failure.Model}: {failure.Problem}");
        }

        Console.WriteLine(FormattableString.Invariant($"{result.Spent.Calls} calls paid, {result.Spent.Usd:0.000000} USD; {result.SpentInAll.Usd:0.000000} USD in all. {result.Missing} answers or scores missing{(result.CapReached ? ", for the cap was reached" : "")}."));
        LabelingResult labels = LabelRules.FromScores(result.Rows.Select(row => row.Row), models.Strong.Name, models.Weak.Name);
        Console.WriteLine(FormattableString.Invariant($"{path}: {labels}; the strong model is better on {labels.MeanLabel:0.00} of them."));
        return result.Missing == 0 ? 0 : 1;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Cancelled. What was paid for is in the journal; the same command goes on from there.");
        return 130;
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException or EvaluationDataException or ArgumentException)
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    }
});
return await command.Parse(args).InvokeAsync();

static Option<decimal[]?> Price(string name) =>
    new(name) { Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true, Description = "USD per million input tokens, and per million output tokens." };

static TokenPrice? ToPrice(decimal[]? price) => price is [decimal input, decimal output] ? new TokenPrice(input, output) : null;

static bool Agree()
{
    if (Console.IsInputRedirected)
    {
        Console.Error.WriteLine("Add --yes to spend it.");
        return false;
    }

    Console.Write("Go on? [y/N] ");
    return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
}
