namespace RouteLLM.Tests.Simulation;

/// <summary>Seeds that are the same in every run and process, as hash codes are not.</summary>
internal static class Seeds
{
    public static int Of(string text)
    {
        uint hash = 2166136261;
        foreach (char unit in text)
        {
            hash = (hash ^ unit) * 16777619;
        }

        return (int)hash;
    }

    public static int Mix(params ReadOnlySpan<int> parts)
    {
        uint hash = 2166136261;
        foreach (int part in parts)
        {
            hash = (hash ^ (uint)part) * 16777619;
            hash ^= hash >> 15;
        }

        return (int)(hash * 2246822519u);
    }
}
