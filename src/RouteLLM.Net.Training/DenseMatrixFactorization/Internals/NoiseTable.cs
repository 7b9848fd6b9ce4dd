namespace RouteLLM.Training;

/// <summary>
/// Standard Gaussian numbers, drawn once; noise for a vector is a stretch of them from a random place (Salimans et al., "Evolution Strategies as a Scalable Alternative to Reinforcement Learning", 2017, section 2.1):
/// drawing each number anew would take longer than the rest of the training.
/// </summary>
internal sealed class NoiseTable
{
    private const int Places = 1 << 20;

    private readonly float[] _values;

    /// <param name="random">Draws the numbers.</param>
    /// <param name="dimensions">The number of dimensions of vectors.</param>
    public NoiseTable(Random random, int dimensions)
    {
        _values = new float[Places + dimensions];
        for (int i = 0; i < _values.Length; i += 2)
        {
            // Box and Muller (1958); 1 - u is never 0.
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            _values[i] = (float)(radius * sine);
            if (i + 1 < _values.Length)
            {
                _values[i + 1] = (float)(radius * cosine);
            }
        }
    }

    /// <summary>Draws the place of a stretch.</summary>
    public static int DrawPlace(Random random) => random.Next(Places);

    /// <summary>Gives the numbers from a place on.</summary>
    public ReadOnlySpan<float> From(int place, int dimensions) => _values.AsSpan(place, dimensions);
}
