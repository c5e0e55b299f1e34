// Writes the model, its labels and the images of the project that `cdktf-brainwave init` creates.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import sharp from 'sharp';

import { colorModel, COLORS } from './color-model';

const project = path.resolve(__dirname, '../../templates/project');

const SIDE = 192;
const COLORS_OF_PALETTE = 16;

/** Drawings with one dominant color each. */
const DRAWINGS = {
  'tomato.png': `
    <rect width="192" height="192" fill="#d63a2f"/>
    <path d="M96 52 L78 18 L96 30 L114 12 L112 34 L140 30 Z" fill="#3f9142"/>
    <ellipse cx="58" cy="84" rx="16" ry="26" fill="#e8685c"/>`,
  'sky.png': `
    <rect width="192" height="192" fill="#3f7fe0"/>
    <circle cx="60" cy="72" r="22" fill="#f4f6fa"/>
    <circle cx="88" cy="62" r="28" fill="#f4f6fa"/>
    <circle cx="116" cy="74" r="20" fill="#f4f6fa"/>`,
};

async function main(): Promise<void> {
  for (const folder of ['models', 'images']) {
    mkdirSync(path.join(project, folder), { recursive: true });
  }
  writeFileSync(path.join(project, 'models/colors.onnx'), colorModel());
  writeFileSync(path.join(project, 'models/labels.txt'), `${Object.keys(COLORS).join('\n')}\n`);
  for (const [file, drawing] of Object.entries(DRAWINGS)) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${drawing}</svg>`;
    await sharp(Buffer.from(svg))
      .png({ palette: true, colors: COLORS_OF_PALETTE, compressionLevel: 9 })
      .toFile(path.join(project, 'images', file));
  }
}

void main();
