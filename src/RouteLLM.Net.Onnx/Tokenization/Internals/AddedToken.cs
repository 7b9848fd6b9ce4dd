namespace RouteLLM.Onnx;

/// <summary>A token that is found in a text before anything else is, such as <c>[SEP]</c>.</summary>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsSpecial">Whether it steers the model, and so has no place in a prompt.</param>
/// <param name="TakesSpaceBefore">Whether white space before it belongs to it.</param>
/// <param name="TakesSpaceAfter">Whether white space after it belongs to it.</param>
/// <param name="IsWholeWord">Whether it counts only where it does not touch a letter or digit.</param>
internal sealed record AddedToken(string Content, int Id, bool IsSpecial, bool TakesSpaceBefore = false, bool TakesSpaceAfter = false, bool IsWholeWord = false);
