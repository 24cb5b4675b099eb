using System.Text;

namespace Looper.Core.Decisions.Samples;

/// <summary>Takes the body out of a pasted curl command.</summary>
internal static class CurlSample
{
    private static readonly string[] s_data = ["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"];

    public static Answered<SampleTable> Read(string command, bool ofCandidates)
    {
        var words = Words(command);
        for (var i = 0; i < words.Count; i++)
        {
            if (i + 1 < words.Count && s_data.Contains(words[i])) return JsonSample.Read(words[i + 1], "curl", ofCandidates, "Body of the curl command");
            if (s_data.FirstOrDefault(d => words[i].StartsWith(d + "=", StringComparison.Ordinal)) is { } name) return JsonSample.Read(words[i][(name.Length + 1)..], "curl", ofCandidates, "Body of the curl command");
            if (words[i].StartsWith("-d", StringComparison.Ordinal) && words[i].Length > 2) return JsonSample.Read(words[i][2..], "curl", ofCandidates, "Body of the curl command");
        }
        return SampleTexts.NoBody();
    }

    /// <summary>Splits as a shell does: single and double quotes, backslashes, line continuations.</summary>
    private static List<string> Words(string command)
    {
        List<string> words = [];
        var word = new StringBuilder();
        var (quote, open) = ('\0', false);
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (quote == '\'')
            {
                if (c == '\'') quote = '\0';
                else word.Append(c);
            }
            else if (c == '\\' && i + 1 < command.Length && (quote == '\0' || command[i + 1] is '"' or '\\' or '$' or '`' or '\n'))
            {
                if (command[++i] is not ('\n' or '\r')) word.Append(command[i]);
            }
            else if (quote == '"')
            {
                if (c == '"') quote = '\0';
                else word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                (quote, open) = (c, true);
            }
            else if (char.IsWhiteSpace(c))
            {
                End();
            }
            else
            {
                word.Append(c);
            }
        }
        End();
        return words;

        void End()
        {
            if (word.Length > 0 || open) words.Add(word.ToString());
            word.Clear();
            open = false;
        }
    }
}
