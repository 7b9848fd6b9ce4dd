namespace RouteLLM;

/// <summary>Signs in a prompt's structure, rather than its words, of what it is about.</summary>
[Flags]
public enum PromptCues
{
    /// <summary>No sign.</summary>
    None = 0,

    /// <summary>A fenced code block, or at least two lines that look like program statements.</summary>
    Code = 1,

    /// <summary>A formula: a TeX command such as <c>\frac</c>, a mathematical operator such as the integral sign, or a power such as <c>x^2</c>.</summary>
    Formula = 2,
}
