namespace RouteLLM.Training;

/// <summary>What in an answer is compared with the reference.</summary>
public enum AnswerKind
{
    /// <summary>The whole text, but for case, white space, Unicode compatibility forms, and quotation marks, emphasis and full stops around it.</summary>
    Text,

    /// <summary>The last number in the text, as for GSM8K: <c>... so she pays $1,234.50.</c></summary>
    LastNumber,

    /// <summary>The letter of the choice, as for MMLU: <c>B</c>, <c>(b)</c>, <c>The answer is B: ...</c></summary>
    Choice,
}
