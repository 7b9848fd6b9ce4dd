using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using RouteLLM;
using RouteLLM.Training;

namespace RouteLLM.Samples.CollectLabels;

/// <summary>The two models and the judge: of an OpenAI-compatible server, or stand-ins that work offline.</summary>
internal sealed record Models(CollectionModel Strong, CollectionModel Weak, IChatClient Judge, TokenPrice? JudgePrice)
{
    public bool AreStandIns { get; private init; }

    public static Models OpenAI(string endpoint, (string Id, TokenPrice? Price) strong, (string Id, TokenPrice? Price) weak, (string Id, TokenPrice? Price) judge)
    {
        string key = Environment.GetEnvironmentVariable("OPENAI_API_KEY") is { Length: > 0 } set
            ? set
            : throw new ArgumentException($"{endpoint} needs a key: set OPENAI_API_KEY (any text will do for a server that asks for none).");

        Uri address = Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) ? uri : throw new ArgumentException($"The endpoint '{endpoint}' is no address: an example is https://api.openai.com/v1.");

        // The collector retries by itself.
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = address, RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
        return new Models(Model(strong), Model(weak), client.GetChatClient(judge.Id).AsIChatClient(), judge.Price);

        CollectionModel Model((string Id, TokenPrice? Price) model) => new(model.Id, client.GetChatClient(model.Id).AsIChatClient()) { Price = model.Price };
    }

    public static Models StandIns() => new(
        new CollectionModel("stand-in-strong", new StandInChatClient("stand-in-strong", isStrong: true)) { Price = new TokenPrice(2.00m, 8.00m), ExpectedOutputTokens = 12 },
        new CollectionModel("stand-in-weak", new StandInChatClient("stand-in-weak", isStrong: false)) { Price = new TokenPrice(0.40m, 1.60m), ExpectedOutputTokens = 12 },
        new StandInJudge(),
        new TokenPrice(2.00m, 8.00m))
    {
        AreStandIns = true,
    };

    public IResponseScorer CreateScorer(ScorerKind kind) => kind switch
    {
        ScorerKind.Judge => new PairwiseJudgeScorer(Judge, new JudgeScorerOptions { Price = JudgePrice }),
        ScorerKind.Rating => new PointwiseJudgeScorer(Judge, new PointwiseJudgeScorerOptions { Price = JudgePrice }),
        ScorerKind.Text => new ExactMatchScorer(),
        ScorerKind.Choice => new ExactMatchScorer(new ExactMatchScorerOptions { Kind = AnswerKind.Choice }),
        _ => new ExactMatchScorer(new ExactMatchScorerOptions { Kind = AnswerKind.LastNumber }),
    };
}
