namespace RouteLLM.Evaluation;

/// <summary>What the columns of a CSV or Parquet file, or the properties of JSON rows, are called. Those not named in a shape are skipped.</summary>
/// <remarks>The property <c>b</c> of an object <c>a</c>, and the field <c>b</c> of a Parquet struct <c>a</c>, is the column <c>a.b</c>.</remarks>
public enum RowShape
{
    /// <summary>
    /// This library's own: <c>id</c>, <c>prompt</c>, and optionally <c>source</c>, <c>split</c>, <c>lang</c>, <c>category</c>, <c>reference</c>, <c>p_strong</c>, and for every model M <c>scores.M</c>,
    /// <c>cost.M</c> (USD), <c>latency_ms.M</c>, <c>tokens.M.input</c>, <c>tokens.M.output</c> and <c>tokens.M.cached_input</c>.
    /// </summary>
    Standard,

    /// <summary>
    /// RouteLLM's response files for MMLU and GSM8K: <c>prompt</c>, and every other column a model, true where its answer is right; columns that end in <c>_response</c> or have no name are skipped.
    /// Ids are made from the source and the row's number. <see cref="EvaluationRowReader.ReadMtBench"/> reads the files for MT-Bench.
    /// </summary>
    RouteLlm,

    /// <summary>
    /// RouterBench's wide tables: <c>sample_id</c>, <c>prompt</c>, <c>eval_name</c> (the source), for every model M its score in the column <c>M</c> and its cost in USD in <c>M|total_cost</c>.
    /// Its files are pickled; write them with pandas' <c>to_parquet</c>, <c>to_csv(index=False)</c> or <c>to_json(orient="records", lines=True)</c> first. Prompts are kept as they stand, which is as the text of a Python list.
    /// </summary>
    RouterBench,

    /// <summary>
    /// RouterArena's rows of one answer each, in its <c>cached_results</c> (<c>global_index</c>, <c>question</c>, <c>llm_selected</c>, <c>token_usage</c>, <c>evaluation_result</c>) and in its prediction files
    /// (<c>global index</c>, <c>prompt</c>, <c>prediction</c>, <c>generated_result</c>, <c>accuracy</c>, <c>cost</c>). Rows with the same id, of one file or of several read together, become one row with several models, so all rows are held in memory.
    /// The source is the id up to its last underscore.
    /// </summary>
    RouterArena,
}
