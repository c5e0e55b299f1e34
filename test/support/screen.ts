/** What a person sees of what was written to a terminal: enough of one to follow a line that is drawn again. */
export class Screen {
  private readonly rows: string[] = [''];
  private column = 0;
  private readonly text: string[] = [];

  constructor(public columns: number) {}

  readonly isTTY = true;

  write(text: string): boolean {
    this.text.push(text);
    // eslint-disable-next-line no-control-regex -- they are what a terminal looks for
    for (const [part] of text.matchAll(/\u001b\[[\d;]*[A-Za-z]|[^]/gu)) {
      this.obey(part);
    }
    return true;
  }

  get lines(): readonly string[] {
    return this.rows.map((row) => row.trimEnd());
  }

  /** Everything that was ever written. */
  get written(): string {
    return this.text.join('');
  }

  private obey(part: string): void {
    const last = this.rows.length - 1;
    if (part === '\n') {
      this.rows.push('');
      this.column = 0;
    } else if (part === '\r') {
      this.column = 0;
    } else if (part === '\u001b[K') {
      this.rows[last] = Array.from(this.rows[last]).slice(0, this.column).join('');
    } else if (part.startsWith('\u001b')) {
      if (!part.endsWith('m')) {
        throw new Error(`a terminal would obey ${JSON.stringify(part)}`);
      }
    } else {
      if (this.column === this.columns) {
        this.rows.push('');
        this.column = 0;
      }
      const row = Array.from(this.rows[this.rows.length - 1]);
      row[this.column] = part;
      this.rows[this.rows.length - 1] = row.join('');
      this.column += 1;
    }
  }
}
