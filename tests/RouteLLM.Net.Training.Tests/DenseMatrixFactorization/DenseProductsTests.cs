using CsCheck;

namespace RouteLLM.Training.Tests.DenseMatrixFactorization;

public class DenseProductsTests
{
    private static readonly Gen<(int Rows, int Dimensions, int Columns, int Seed)> s_sizes = Gen.Select(Gen.Int[1, 13], Gen.Int[1, 13], Gen.Int[1, 70], Gen.Int[0, 1000]);

    [Fact]
    public void A_product_by_a_transposed_matrix_is_what_sums_by_hand_give() =>
        s_sizes.Sample(static (rows, dimensions, columns, seed) =>
        {
            float[] x = Numbers(rows * columns, seed), w = Numbers(dimensions * columns, seed + 1);
            var product = new float[rows * dimensions];
            DenseProducts.MultiplyByTransposed(x, w, columns, product);
            for (int i = 0; i < rows; i++)
            {
                for (int k = 0; k < dimensions; k++)
                {
                    Assert.Equal(Enumerable.Range(0, columns).Sum(j => (double)x[(i * columns) + j] * w[(k * columns) + j]), product[(i * dimensions) + k], 1e-4);
                }
            }
        });

    [Fact]
    public void Rows_of_a_product_of_a_transposed_matrix_are_what_sums_by_hand_give() =>
        s_sizes.Sample(static (rows, dimensions, columns, seed) =>
        {
            float[] g = Numbers(rows * dimensions, seed), x = Numbers(rows * columns, seed + 1);
            int first = seed % dimensions, count = dimensions - first;
            var product = new float[count * columns];
            Array.Fill(product, float.NaN);
            DenseProducts.MultiplyTransposed(g, x, columns, first, product);
            for (int k = 0; k < count; k++)
            {
                for (int j = 0; j < columns; j++)
                {
                    Assert.Equal(Enumerable.Range(0, rows).Sum(i => (double)g[(i * dimensions) + first + k] * x[(i * columns) + j]), product[(k * columns) + j], 1e-4);
                }
            }
        });

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
