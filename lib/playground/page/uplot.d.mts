// The server serves the file of the package under this name.
export { default } from 'uplot';
