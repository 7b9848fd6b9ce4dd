namespace RouteLLM.Tests.Rules;

/// <summary>Which language a prompt is taken to be in.</summary>
public class PromptLanguageTests
{
    [Theory]
    [InlineData("en", "What is the capital of Australia, and why is it not Sydney?")]
    [InlineData("en", "fix the bug in my code please")]
    [InlineData("de", "Erkläre mir bitte, warum der Himmel blau ist.")]
    [InlineData("fr", "Pourquoi le ciel est-il bleu ? Explique à un enfant.")]
    [InlineData("es", "¿Por qué el cielo es azul? Explícalo para un niño.")]
    [InlineData("pt", "Por que o céu não é verde? Explique para uma criança.")]
    [InlineData("it", "Perché il cielo è blu? Spiegalo con parole semplici.")]
    [InlineData("nl", "Waarom is de lucht blauw? Leg het uit voor een kind.")]
    [InlineData("sv", "Varför är himlen blå? Förklara det för ett barn.")]
    [InlineData("pl", "Dlaczego niebo jest niebieskie? Wyjaśnij to dziecku.")]
    [InlineData("tr", "Gökyüzü neden mavi? Bunu bir çocuk için açıkla.")]
    [InlineData("vi", "Tại sao bầu trời có màu xanh? Hãy giải thích cho tôi.")]
    [InlineData("id", "Mengapa langit itu biru? Tolong jelaskan dengan kata yang mudah.")]
    [InlineData("ja", "なぜ空は青いのですか。Pythonで説明してください。")]
    [InlineData("zh", "为什么天空是蓝色的？请解释。")]
    [InlineData("ko", "하늘은 왜 파란가요? 설명해 주세요.")]
    [InlineData("ru", "Почему небо голубое? Объясни ребёнку.")]
    [InlineData("uk", "Чому небо блакитне? Поясни дитині, її цікавить.")]
    [InlineData("ar", "لماذا السماء زرقاء؟")]
    [InlineData("fa", "چرا آسمان آبی است؟ لطفا توضیح بده.")]
    [InlineData("he", "למה השמיים כחולים?")]
    [InlineData("hi", "आसमान नीला क्यों है?")]
    [InlineData("th", "ทำไมท้องฟ้าถึงเป็นสีฟ้า")]
    [InlineData("el", "Γιατί ο ουρανός είναι μπλε;")]
    [InlineData(null, "")]
    [InlineData(null, "12345 + 67890 = ?")]
    [InlineData(null, "Tokyo Osaka Kyoto")]
    public void Languages_are_told_by_script_and_frequent_words(string? language, string prompt) => Assert.Equal(language, PromptLanguage.Detect(prompt));
}
