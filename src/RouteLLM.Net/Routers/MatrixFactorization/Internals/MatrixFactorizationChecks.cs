namespace RouteLLM;

/// <summary>What must hold of the parts of a <see cref="MatrixFactorizationModel"/>.</summary>
internal static class MatrixFactorizationChecks
{
    public static void Models(string[] models, string parameter = "models")
    {
        if (models.Length < 2)
        {
            throw new ArgumentException($"At least two models are needed to choose between; got {models.Length}.", parameter);
        }

        var seen = new HashSet<string>();
        foreach (string model in models)
        {
            if (string.IsNullOrWhiteSpace(model) || !seen.Add(model))
            {
                throw new ArgumentException($"The models' names must be different and not empty; '{model}' is {(string.IsNullOrWhiteSpace(model) ? "empty" : "there twice")}.", parameter);
            }
        }
    }

    public static void Info(MatrixFactorizationModelInfo info, string[] models)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(info.Name, nameof(info));
        if (info.TieMargin is not (>= 0 and < 1000))
        {
            throw new ArgumentException(FormattableString.Invariant($"The margin of ties is {info.TieMargin}; expected a number of at least 0."), nameof(info));
        }

        if (info.StrongModel is null && info.WeakModel is null)
        {
            return;
        }

        if (info.StrongModel == info.WeakModel || !models.Contains(info.StrongModel) || !models.Contains(info.WeakModel))
        {
            throw new ArgumentException($"The default pair is '{info.StrongModel}' and '{info.WeakModel}'; expected two different ones of the models: {string.Join(", ", models)}.", nameof(info));
        }
    }

    /// <summary>Gives the number of columns of a matrix of so many rows.</summary>
    public static int Columns(float[] matrix, int rows, string parameter) =>
        matrix.Length > 0 && matrix.Length % rows == 0
            ? matrix.Length / rows
            : throw new ArgumentException($"The {matrix.Length} weights do not make {rows} rows of the same length.", parameter);

    public static void Finite(float[] weights, string parameter)
    {
        int index = weights.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (index >= 0)
        {
            throw new ArgumentException(FormattableString.Invariant($"The weight at {index} is {weights[index]}; every weight must be finite."), parameter);
        }
    }
}
