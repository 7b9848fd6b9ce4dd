namespace RouteLLM.Evaluation.Tests;

/// <summary>Runs alone, because what is measured is the memory of the whole process.</summary>
[CollectionDefinition(nameof(ReaderMemoryTests), DisableParallelization = true)]
[Collection(nameof(ReaderMemoryTests))]
public class ReaderMemoryTests
{
    [Fact]
    public void Memory_does_not_grow_with_the_file()
    {
        // 30,000 rows of a kilobyte are 60 MB as strings in memory.
        using var folder = new TemporaryFolder();
        const int Rows = 30_000;
        string prompt = string.Concat(Enumerable.Repeat("word ", 200));
        string lines = folder.File("rows.jsonl"), csv = folder.File("rows.csv");
        using (StreamWriter writer = File.CreateText(lines), table = File.CreateText(csv))
        {
            table.WriteLine("id,prompt,scores.a,scores.b");
            for (int i = 0; i < Rows; i++)
            {
                writer.WriteLine($$$"""{"id":"{{{i}}}","prompt":"{{{prompt}}}","scores":{"a":1,"b":0}}""");
                table.WriteLine($"{i},{prompt},1,0");
            }
        }

        foreach (string path in new[] { lines, csv })
        {
            long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
            int count = 0;
            foreach (EvaluationRow row in EvaluationRowReader.ReadFile(path))
            {
                if (++count % 10_000 == 0)
                {
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
            }

            // What stays are the hashes of the ids, some 50 bytes a row.
            Assert.Equal(Rows, count);
            Assert.InRange(most, 0, 8_000_000);
        }
    }
}
