using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RouteLLM;

/// <summary>Makes the keys that scores are cached by: a hash of the prompt and of all else that the score depends on.</summary>
/// <param name="recipe">All else.</param>
internal sealed class PromptKey(string recipe)
{
    private readonly byte[] _recipe = SHA256.HashData(Encoding.UTF8.GetBytes(recipe));

    /// <summary>Gives the key of a prompt.</summary>
    public string Of(string text)
    {
        // UTF-16 as it is: invalid surrogates, too, keep prompts apart.
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(text.AsSpan());
        return $"routellm:{Convert.ToHexStringLower(HMACSHA256.HashData(_recipe, bytes))}";
    }
}
