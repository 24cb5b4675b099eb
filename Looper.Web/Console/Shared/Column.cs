using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Shared;

/// <summary>A column of a <see cref="DataTable{TItem}"/>: what it holds, and how a cell looks when its value alone is not enough.</summary>
public sealed class Column<TItem> : ComponentBase
{
    [Parameter, EditorRequired] public required string Title { get; set; }

    /// <summary>What is sorted by and written to the file: a number, a text, a time, a bool. Null where the column only holds buttons.</summary>
    [Parameter] public Func<TItem, object?>? Value { get; set; }

    /// <summary>The cell; by itself the value, as <see cref="Shown"/> writes it.</summary>
    [Parameter] public RenderFragment<TItem>? ChildContent { get; set; }

    /// <summary>Left out of the card on a narrow screen.</summary>
    [Parameter] public bool Minor { get; set; }

    /// <summary>Right-aligned, as numbers are.</summary>
    [Parameter] public bool Number { get; set; }

    /// <summary>Explains the head, where no term of the glossary does.</summary>
    [Parameter] public string? Hint { get; set; }

    /// <summary>Term of the glossary that explains the head: on hover, on focus, and under the cards of a narrow screen.</summary>
    [Parameter] public string? Term { get; set; }

    internal string? Sentence => Term is null ? null : Glossary.Of(Term);

    [CascadingParameter] internal DataTable<TItem>? Table { get; set; }

    /// <summary>Name in the address.</summary>
    internal string Key => string.Concat(Title.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    protected override void OnInitialized() => Table?.Add(this);
}
