using CsCheck;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Conversations;

/// <summary>Turns that make sense only with what came before are judged with it.</summary>
public class FollowUpTests(ITestOutputHelper output)
{
    private const string Hard = "Prove that every bounded sequence of real numbers has a convergent subsequence, and give a constructive bound where one exists.";

    private static readonly string[] s_followUps =
    [
        "go on", "Go on!", "continue", "keep going please.", "commit it", "Commit it and push.", "run that again", "fix this", "why?", "Why not?", "yes", "Yes, please do it", "no, the other one",
        "translate it into French", "now in Spanish and explain that", "make it shorter", "shorter", "and in Python?", "what about this?", "try again", "Are you sure?", "give me an example", "do the same for both",
        "weiter", "Mach weiter!", "Committe es", "Übersetze das ins Englische", "noch einmal", "Warum?", "Und auf Deutsch?", "kürzer bitte, ich meine diese Fassung", "Mach das",
        "vas-y", "Encore une fois", "pourquoi ?", "traduis-le", "Explique-moi ça", "et en anglais ?", "sigue", "hazlo", "otra vez", "¿Por qué?", "tradúcelo al inglés", "¿y en Python?", "continua", "faça isso de novo", "por quê?",
        "e em inglês?", "vai avanti", "traducilo", "perché?", "spiegami questo", "ga verder", "vertaal dat", "doe dit opnieuw", "kontynuuj", "zrób to", "dlaczego?", "продолжай", "переведи это", "почему?", "сделай его короче",
        "продовжуй", "поясни це", "devam et", "bunu çevir", "neden?", "أكمل", "اشرح هذا", "जारी रखो", "इसे छोटा करो", "继续", "提交它", "为什么？", "把这个翻译成英文", "続けて", "それをコミットして", "もっと詳しく", "계속해", "이거 번역해줘", "왜?",
    ];

    private static readonly string[] s_others =
    [
        "thanks!", "Thank you, that helped", "hi", "Hello there", "ok thanks", "What is the capital of France?", "Write a haiku about rain", "I want to learn Rust", "Prove Fermat's little theorem", "List ten prime numbers",
        "How do I sort a list in Python?", "Explain photosynthesis", "Translate 'good morning' into German", "Who won the 1998 World Cup?", "Write a commit message for a parser fix", "What time zone is Tokyo in?", "Recommend a good book",
        "Give three names for a cat", "What is 17 * 23?", "Define entropy", "Fix the typo: recieve", "Run a marathon: training plan please", "Why is the sky blue?", "Name a fast animal",
        "Danke, das hat geholfen", "Hallo", "Wie heißt die Hauptstadt von Peru?", "Schreibe ein Gedicht über den Herbst", "Erkläre den Satz des Pythagoras", "Was kostet ein Flug nach Rom?",
        "Merci !", "Bonjour", "Quelle est la capitale du Japon ?", "Écris un poème sur la mer", "Comment faire une omelette ?", "¡Gracias!", "Hola", "¿Cuál es la capital de Chile?", "Escribe un cuento corto", "¿Cómo se hace una paella?",
        "Obrigado!", "Qual é a capital do Brasil?", "Escreva um poema sobre chuva", "Grazie", "Qual è la capitale d'Italia?", "Scrivi una poesia sul mare", "Bedankt!", "Wat is de hoofdstad van België?", "Schrijf een gedicht over regen",
        "Dziękuję", "Jaka jest stolica Polski?", "Napisz wiersz o morzu", "Спасибо", "Какая столица Франции?", "Напиши стихотворение о море", "Дякую", "Яка столиця України?", "Teşekkürler", "Türkiye'nin başkenti neresi?",
        "شكرا", "ما هي عاصمة مصر؟", "धन्यवाद", "भारत की राजधानी क्या है?", "谢谢", "法国的首都是哪里？", "写一首关于雨的诗", "ありがとう", "日本の首都はどこですか？", "雨についての俳句を書いてください", "감사합니다", "한국의 수도는 어디인가요?", "비에 대한 시를 써줘",
    ];

    [Fact]
    public void Follow_ups_in_sixteen_languages_are_told_from_other_prompts()
    {
        string[] missed = [.. s_followUps.Where(text => !FollowUpPromptSelector.IsFollowUp(text))];
        string[] mistaken = [.. s_others.Where(FollowUpPromptSelector.IsFollowUp)];
        double recall = 1 - ((double)missed.Length / s_followUps.Length), precision = (double)(s_followUps.Length - missed.Length) / (s_followUps.Length - missed.Length + mistaken.Length);
        output.WriteLine($"{s_followUps.Length} follow-ups, {s_others.Length} others: recall {recall:0.000}, precision {precision:0.000}; missed: {string.Join(" | ", missed)}; mistaken: {string.Join(" | ", mistaken)}");

        Assert.True(recall >= 0.95, string.Join(" | ", missed));
        Assert.True(precision >= 0.95, string.Join(" | ", mistaken));
    }

    [Theory]
    [InlineData("go on")]
    [InlineData("commit it")]
    [InlineData("noch einmal")]
    [InlineData("继续")]
    public void A_follow_up_is_judged_with_the_message_that_it_follows(string followUp)
    {
        ChatMessage[] messages = [User(Hard), Assistant("Consider the intervals ..."), User(followUp)];
        double alone = BuiltInRouter.Create().PredictWinProbability(followUp), first = BuiltInRouter.Create().PredictWinProbability(Hard);

        string? prompt = PromptSelector.FollowUpsInContext.SelectPrompt(messages);
        double inContext = BuiltInRouter.Create().PredictWinProbability(prompt!);

        Assert.Equal($"{Hard}\n{followUp}", prompt);
        Assert.True(inContext > alone && Math.Abs(inContext - first) < Math.Abs(alone - first), $"alone {alone:0.000}, first {first:0.000}, in context {inContext:0.000}");
    }

    [Fact]
    public void Follow_ups_reach_back_to_the_last_message_that_says_something_and_pass_over_thanks() =>
        Assert.Equal(
            $"{Hard}\nshorter\ngo on",
            PromptSelector.FollowUpsInContext.SelectPrompt([User("something else"), User(Hard), Assistant("..."), User("shorter"), Assistant("..."), User("thanks!"), Assistant("You are welcome."), User("go on")]));

    [Fact]
    public void No_more_messages_are_taken_than_allowed() =>
        Assert.Equal("more\nmore\nmore", new FollowUpPromptSelector(3).SelectPrompt([User(Hard), User("more"), User("more"), User("more"), User("more")]));

    [Theory]
    [InlineData("thanks!")]
    [InlineData("What is the capital of France?")]
    public void What_is_no_follow_up_is_judged_alone(string text) =>
        Assert.Equal(text, PromptSelector.FollowUpsInContext.SelectPrompt([User(Hard), Assistant("..."), User(text)]));

    [Fact]
    public void A_first_message_is_judged_alone_whatever_it_says()
    {
        Assert.Equal("go on", PromptSelector.FollowUpsInContext.SelectPrompt([new(ChatRole.System, "You are a bot."), User("go on")]));
        Assert.Null(PromptSelector.FollowUpsInContext.SelectPrompt([Assistant("hello")]));
        Assert.Null(PromptSelector.FollowUpsInContext.SelectPrompt([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FollowUpPromptSelector(0));
    }

    [Fact]
    public void Any_text_is_taken_and_the_prompt_always_ends_with_the_last_message() =>
        Gen.String[0, 80].Array[1, 6].Sample(texts =>
        {
            string prompt = PromptSelector.FollowUpsInContext.SelectPrompt([.. texts.Select(User)])!;
            Assert.EndsWith(texts[^1], prompt, StringComparison.Ordinal);
        });

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Assistant(string text) => new(ChatRole.Assistant, text);
}
