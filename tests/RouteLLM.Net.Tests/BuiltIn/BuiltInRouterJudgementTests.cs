namespace RouteLLM.Tests.BuiltIn;

/// <summary>Prompts whose route anyone would agree on, short and long, in English and Japanese, judged by the thresholds the router derives from its own quantiles.</summary>
public class BuiltInRouterJudgementTests
{
    private const string Memo = "The recieved shipment was storred in the wherehouse for two weeks before it was send to the costumers, who complianed about the dammaged boxes and the missing invoices. ";
    private const string JapaneseMemo = "先週の会議では来月の予定と予算について話し合いました。参加者は十二名で、会場は本社の三階でした。";

    public static TheoryData<string> Easy =>
    [
        "Hi",
        "Hello!",
        "good morning",
        "ok",
        "lol nice",
        "thanks!",
        "Thank you so much, that's all for today.",
        "What is the capital of France?",
        "who wrote Romeo and Juliet?",
        "what time is it in Tokyo",
        "how many ounces in a pound",
        "convert 5 km to miles",
        "What's 15% of 80?",
        "Spell necessary",
        "Give me a synonym for happy",
        "uppercase this: hello world",
        "Translate \"good night\" into Spanish.",
        "Write a haiku about rain.",
        "How do I undo the last git commit?",
        "python one-liner to reverse a string",
        "こんにちは",
        "おはよう",
        "ありがとうございます!",
        "了解です、ありがとう",
        "日本の首都はどこですか?",
        "富士山の高さは?",
        "1マイルは何キロ?",
        "「おやすみ」を英語にして",
        "お礼メールの件名を考えて",
        "fix the typos\n\n" + Memo,
        "Fix the typos:\n\n" + Repeat(Memo, 30),
        Repeat(Memo, 30) + "\n\nFix the typos in the text above.",
        "fix the typos\n\n" + Repeat(Memo, 6000),
        "Summarize this in one sentence:\n\n" + Repeat(Memo, 30),
        "誤字を直してください。\n\n" + Repeat(JapaneseMemo, 30),
        Repeat(JapaneseMemo, 30) + "\n\n上の文章の誤字を直して",
    ];

    public static TheoryData<string> Hard =>
    [
        "Prove the Riemann-Lebesgue lemma.",
        "Prove that every compact Hausdorff space is normal.",
        "Give a rigorous proof of the central limit theorem using characteristic functions.",
        "Is this proof correct? Claim: every continuous function on [0,1] is a uniform limit of polynomials. Give a rigorous proof via Bernstein polynomials and bound the rate.",
        "Derive the Black-Scholes equation from first principles and explain where the no-arbitrage assumption enters.",
        "Design a distributed rate limiter that works across regions and tolerates clock skew. Discuss the trade-offs.",
        "Design the storage engine for a multi-tenant time-series database with exactly-once ingestion; analyse failure modes.",
        "Compare the consistency guarantees of Raft and Paxos under asymmetric partitions, with a counterexample to naive leader leases.",
        "Find the subtle bug in this double-checked locking implementation and explain it in terms of the Java memory model.",
        "Our Postgres query got 50x slower after upgrading; the planner picks a nested loop although statistics are fresh. Diagnose it and propose a fix that does not need hints.",
        """
        This lock-free queue loses elements about once a day under load. Where is the race, and which memory orderings are needed?

        ```cpp
        bool push(Node* n) {
          n->next = head.load(std::memory_order_relaxed);
          while (!head.compare_exchange_weak(n->next, n, std::memory_order_relaxed)) {}
          return true;
        }
        ```
        """,
        "コンパクトなハウスドルフ空間は正規であることを証明せよ。",
        "素数が無限に存在することの、解析的な証明(ゼータ関数を用いるもの)を厳密に与えよ。",
        "ブラック・ショールズ方程式を導出し、無裁定条件がどこで使われるか説明せよ。",
        "複数リージョンにまたがる分散レートリミッターを設計し、クロックスキューと障害時の挙動を論じてください。",
        "RaftとPaxosの一貫性保証を、非対称なネットワーク分断のもとで比較し、反例を挙げて論じてください。",
        "ミューテックスを使っているのにまれにデッドロックします。原因として考えられるロック順序の問題をメモリモデルの観点から説明し、修正案を示してください。",
    ];

    public static TheoryData<string> RatherHard =>
    [
        "リーマン・ルベーグの補題を証明してください。",
        "マルチテナントのイベントソーシング基盤を設計して、整合性と可用性のトレードオフを分析してください。",
        "Why does my async code deadlock when I call .Result inside a synchronization context, and why only in the UI app?",
    ];

    [Theory]
    [MemberData(nameof(Easy))]
    public void What_is_easy_goes_to_the_weak_model_even_at_a_strong_share_of_one_half(string prompt) =>
        Assert.InRange(BuiltInRouter.Create().PredictWinProbability(prompt), 0, Threshold(0.5) - 0.001);

    [Theory]
    [MemberData(nameof(Hard))]
    public void What_is_hard_goes_to_the_strong_model_at_a_share_of_three_tenths(string prompt) =>
        Assert.InRange(BuiltInRouter.Create().PredictWinProbability(prompt), Threshold(0.3), 1);

    [Theory]
    [MemberData(nameof(RatherHard))]
    public void What_is_rather_hard_goes_to_the_strong_model_at_a_share_of_one_half(string prompt) =>
        Assert.InRange(BuiltInRouter.Create().PredictWinProbability(prompt), Threshold(0.5), 1);

    [Fact]
    public void Greetings_and_thanks_are_all_but_certain() =>
        Assert.All(new[] { "Hello!", "thanks!", "good morning", "おはよう", "ありがとうございます!" }, static prompt => Assert.InRange(BuiltInRouter.Create().PredictWinProbability(prompt), 0, 0.1));

    private static double Threshold(double strongShare) => BuiltInRouter.Create().GetService<ScoreQuantiles>()!.ThresholdForStrongShare(strongShare);

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
